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

interface Series {
  readonly id: string;
  readonly labels: Labels;
  count: number;
}

class CountingGauge {
  readonly #gauge: Gauge;
  readonly #labelsOf: (resource: Resource) => readonly Labels[];
  /** What each object shows, as ids of series: thousands show the same. */
  readonly #shown = new Map<ObjectKey, readonly string[]>();
  readonly #series = new Map<string, Series>();

  constructor(gauge: Gauge, labelsOf: (resource: Resource) => readonly Labels[]) {
    this.#gauge = gauge;
    this.#labelsOf = labelsOf;
  }

  update(key: ObjectKey, resource: Resource | undefined): void {
    const before = this.#shown.get(key) ?? [];
    const now = (resource === undefined ? [] : this.#labelsOf(resource)).map((labels) =>
      this.#add(labels),
    );
    for (const id of before) this.#remove(id);
    if (now.length === 0) this.#shown.delete(key);
    else this.#shown.set(key, now);
  }

  #add(labels: Labels): string {
    const id = Object.values(labels).join('\n');
    const series = this.#series.get(id) ?? { id, labels, count: 0 };
    series.count += 1;
    this.#series.set(id, series);
    this.#gauge.set(labels, series.count);
    return series.id;
  }

  #remove(id: string): void {
    const series = this.#series.get(id);
    if (series === undefined) return;
    series.count -= 1;
    if (series.count > 0) {
      this.#gauge.set(series.labels, series.count);
      return;
    }
    this.#series.delete(id);
    this.#gauge.remove(series.labels);
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
