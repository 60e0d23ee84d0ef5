/** The figures of each object of a kind, as gauges that follow the changes of the cache. */
import { Gauge, type Registry } from 'prom-client';
import type { AnyKind, Figure } from '../core/plan.ts';
import type { Resource } from '../core/resource.ts';

export class FigureGauges {
  readonly #gauges = new Map<string, Gauge>();

  constructor(kinds: Iterable<AnyKind>, registry: Registry) {
    for (const { figures } of kinds) {
      for (const { name, help, labels = [] } of figures?.gauges ?? []) {
        const labelNames = ['namespace', 'name', ...labels];
        const known = registry.getSingleMetric(name) as Gauge | undefined;
        this.#gauges.set(
          name,
          known ?? new Gauge({ name, help, labelNames, registers: [registry] }),
        );
      }
    }
  }

  /** `old`: as it was told last; undefined: it is new. `now` undefined: it is gone. */
  update(kind: AnyKind, old: Resource | undefined, now: Resource | undefined): void {
    const after = seriesOf(kind, now);
    for (const [id, series] of seriesOf(kind, old)) {
      if (!after.has(id)) this.#gauges.get(series.gauge)?.remove(series.labels);
    }
    for (const { gauge, labels, value } of after.values())
      this.#gauges.get(gauge)?.set(labels, value);
  }
}

interface Series {
  readonly gauge: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** By what tells them apart. */
function seriesOf(
  { figures }: AnyKind,
  resource: Resource | undefined,
): ReadonlyMap<string, Series> {
  if (figures === undefined || resource === undefined) return new Map();
  const { namespace, name } = resource.metadata;
  return new Map(
    figures.of(resource).map(({ gauge, labels: own, value }: Figure) => {
      const labels = { namespace, name, ...own };
      return [[gauge, ...Object.values(labels)].join('\n'), { gauge, labels, value }];
    }),
  );
}
