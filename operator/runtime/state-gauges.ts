/** How many objects show what, kept from the changes of the cache: `m365_conditions` and `m365_drift_fields`. */
import type { Gauge } from 'prom-client';
import type { CommonStatus, ObjectKey, Resource } from '../core/resource.ts';
import type { Metrics } from './metrics.ts';

type Labels = Readonly<Record<string, string>>;

export class StateGauges {
  readonly #gauges: readonly CountingGauge[];

  constructor({ conditions, driftFields }: Pick<Metrics, 'conditions' | 'driftFields'>) {
    this.#gauges = [
      new CountingGauge(conditions, conditionLabels),
      new CountingGauge(driftFields, driftLabels),
    ];
  }

  /** `resource` undefined: the object is gone. */
  update(key: ObjectKey, resource: Resource | undefined): void {
    for (const gauge of this.#gauges) gauge.update(key, resource);
  }
}

class CountingGauge {
  readonly #gauge: Gauge;
  readonly #labelsOf: (resource: Resource) => readonly Labels[];
  readonly #shown = new Map<ObjectKey, readonly Labels[]>();
  readonly #counts = new Map<string, number>();

  constructor(gauge: Gauge, labelsOf: (resource: Resource) => readonly Labels[]) {
    this.#gauge = gauge;
    this.#labelsOf = labelsOf;
  }

  update(key: ObjectKey, resource: Resource | undefined): void {
    const labels = resource === undefined ? [] : this.#labelsOf(resource);
    for (const before of this.#shown.get(key) ?? []) this.#count(before, -1);
    for (const now of labels) this.#count(now, 1);
    if (labels.length === 0) this.#shown.delete(key);
    else this.#shown.set(key, labels);
  }

  #count(labels: Labels, change: 1 | -1): void {
    const id = Object.values(labels).join('\n');
    const count = (this.#counts.get(id) ?? 0) + change;
    if (count > 0) {
      this.#counts.set(id, count);
      this.#gauge.set(labels, count);
    } else {
      this.#counts.delete(id);
      this.#gauge.remove(labels);
    }
  }
}

function conditionLabels(resource: Resource): readonly Labels[] {
  const { conditions } = (resource.status ?? {}) as CommonStatus;
  const { namespace } = resource.metadata;
  return (conditions ?? []).map(({ type, status, reason }) => ({
    kind: resource.kind,
    namespace,
    type,
    status,
    reason,
  }));
}

/** The field's name only: what follows it in a path may name a group or a person. */
function driftLabels(resource: Resource): readonly Labels[] {
  const { drift } = (resource.status ?? {}) as { readonly drift?: readonly { path: string }[] };
  const { namespace } = resource.metadata;
  return (drift ?? []).map(({ path }) => {
    const [field = path] = path.split(/[.[]/);
    return { kind: resource.kind, namespace, field };
  });
}
