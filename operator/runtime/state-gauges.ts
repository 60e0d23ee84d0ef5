/** How many objects show what, kept from the changes of the cache: `m365_conditions` and `m365_drift_fields`. */
import type { Gauge } from 'prom-client';
import type { CommonStatus, Resource } from '../core/resource.ts';
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

  /** `old`: as it was told last; undefined: it is new. `now` undefined: it is gone. */
  update(old: Resource | undefined, now: Resource | undefined): void {
    for (const gauge of this.#gauges) gauge.update(old, now);
  }
}

interface Series {
  readonly labels: Labels;
  count: number;
}

class CountingGauge {
  readonly #gauge: Gauge;
  readonly #labelsOf: (resource: Resource) => readonly Labels[];
  readonly #series = new Map<string, Series>();

  constructor(gauge: Gauge, labelsOf: (resource: Resource) => readonly Labels[]) {
    this.#gauge = gauge;
    this.#labelsOf = labelsOf;
  }

  update(old: Resource | undefined, now: Resource | undefined): void {
    // Added before removed: a series that stays is not taken out in between.
    for (const labels of now === undefined ? [] : this.#labelsOf(now)) this.#add(labels);
    for (const labels of old === undefined ? [] : this.#labelsOf(old)) this.#remove(labels);
  }

  #add(labels: Labels): void {
    const id = idOf(labels);
    const series = this.#series.get(id) ?? { labels, count: 0 };
    series.count += 1;
    this.#series.set(id, series);
    this.#gauge.set(labels, series.count);
  }

  #remove(labels: Labels): void {
    const id = idOf(labels);
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

function idOf(labels: Labels): string {
  return Object.values(labels).join('\n');
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
