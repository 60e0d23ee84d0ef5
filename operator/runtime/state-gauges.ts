/**
 * How many objects show what, counted from the changes of the cache and set when they are read: `m365_conditions` and
 * `m365_drift_fields`.
 */
import type { Gauge } from 'prom-client';
import type { CommonStatus, Resource } from '../core/resource.ts';
import type { Metrics } from './metrics.ts';

type Labels = Readonly<Record<string, string>>;

export class StateGauges {
  readonly #gauges: readonly CountingGauge[];

  constructor({
    conditions,
    driftFields,
    beforeScrape,
  }: Pick<Metrics, 'conditions' | 'driftFields' | 'beforeScrape'>) {
    this.#gauges = [
      new CountingGauge(conditions, conditionLabels),
      new CountingGauge(driftFields, driftLabels),
    ];
    beforeScrape.add(() => {
      for (const gauge of this.#gauges) gauge.show();
    });
  }

  /** `old`: as it was told last; undefined: it is new. `now` undefined: it is gone. */
  update(old: Resource | undefined, now: Resource | undefined): void {
    for (const gauge of this.#gauges) gauge.update(old, now);
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
  readonly #series = new Map<string, Series>();
  /** Not shown as they are now. */
  readonly #changed = new Set<Series>();

  constructor(gauge: Gauge, labelsOf: (resource: Resource) => readonly Labels[]) {
    this.#gauge = gauge;
    this.#labelsOf = labelsOf;
  }

  update(old: Resource | undefined, now: Resource | undefined): void {
    for (const labels of now === undefined ? [] : this.#labelsOf(now)) this.#add(labels, 1);
    for (const labels of old === undefined ? [] : this.#labelsOf(old)) this.#add(labels, -1);
  }

  /** A series of nothing is none. */
  show(): void {
    for (const series of this.#changed) {
      const { id, labels, count } = series;
      if (count > 0) {
        this.#gauge.set(labels, count);
        continue;
      }
      this.#series.delete(id);
      this.#gauge.remove(labels);
    }
    this.#changed.clear();
  }

  #add(labels: Labels, more: 1 | -1): void {
    const id = idOf(labels);
    const series = this.#series.get(id) ?? { id, labels, count: 0 };
    series.count += more;
    this.#series.set(id, series);
    this.#changed.add(series);
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
