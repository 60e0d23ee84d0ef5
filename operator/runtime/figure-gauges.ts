/**
 * The figures of each object of a kind, as gauges that follow the changes of the cache, and as counters of what is done
 * for it. All of an object's series go with it. They are computed when they are read: of many changes the last is shown.
 */
import { Counter, Gauge } from 'prom-client';
import type { AnyKind, Figure } from '../core/plan.ts';
import { type CommonSpec, keyOf, type ObjectKey, type Resource } from '../core/resource.ts';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';

type Labels = Readonly<Record<string, string>>;

export class FigureGauges {
  readonly #metrics = new Map<string, Gauge | Counter>();
  readonly #nowMs: () => number;
  readonly #looks = new Map<ObjectKey, Look>();
  readonly #changed = new Map<ObjectKey, Change>();
  #isLeading = false;

  constructor(
    kinds: Iterable<AnyKind>,
    { registry, beforeScrape }: Pick<Metrics, 'registry' | 'beforeScrape'>,
    clock: Pick<Clock, 'nowMs'>,
  ) {
    this.#nowMs = () => clock.nowMs();
    beforeScrape.add(() => this.#showChanges());
    for (const { figures } of kinds) {
      if (figures === undefined) continue;
      const common = ['namespace', 'name', ...figures.identity.labels];
      const configOf = ({ name, help, labels = [] }: (typeof figures.gauges)[number]) => ({
        name,
        help,
        labelNames: [...common, ...labels],
        registers: [registry],
      });
      const known = (name: string) => registry.getSingleMetric(name) as Gauge | Counter | undefined;
      for (const one of [...figures.gauges, figures.lastLook])
        this.#metrics.set(one.name, known(one.name) ?? new Gauge(configOf(one)));
      for (const one of figures.counters)
        this.#metrics.set(one.name, known(one.name) ?? new Counter(configOf(one)));
    }
  }

  /** From now on this process looks at objects; who stands by has looked at none. */
  start(): void {
    this.#isLeading = true;
    for (const look of this.#looks.values()) this.#show(look);
  }

  /** `old`: as it was told last; undefined: it is new. `now` undefined: it is gone. */
  update(kind: AnyKind, old: Resource | undefined, now: Resource | undefined): void {
    const resource = now ?? old;
    if (kind.figures === undefined || resource === undefined) return;
    const key = keyOf(resource);
    const change = { kind, before: this.#changed.get(key)?.before ?? old, now };
    this.#changed.set(key, change);
    // Nobody may ever read: what is gone is kept for nothing.
    if (now === undefined) this.#showChange(key, change);
    this.#follow(kind, key, now);
  }

  count(kind: AnyKind, resource: Resource, figures: readonly Figure[]): void {
    const key = keyOf(resource);
    const change = figures.length === 0 ? undefined : this.#changed.get(key);
    // What is counted goes by the labels of this moment, and with them.
    if (change !== undefined) this.#showChange(key, change);
    for (const { metric, labels, value } of figures) {
      const counter = this.#metrics.get(metric);
      if (counter instanceof Counter)
        counter.inc({ ...commonOf(kind, resource), ...labels }, value);
    }
  }

  /** It was looked at to the end. */
  looked(key: ObjectKey): void {
    const look = this.#looks.get(key);
    if (look === undefined) return;
    look.atMs = this.#nowMs();
    this.#show(look);
  }

  #showChanges(): void {
    for (const [key, change] of this.#changed) this.#showChange(key, change);
  }

  #showChange(key: ObjectKey, { kind, before, now }: Change): void {
    this.#changed.delete(key);
    const after = seriesOf(kind, now);
    for (const [id, { metric, labels }] of seriesOf(kind, before)) {
      if (!after.has(id)) this.#metrics.get(metric)?.remove(labels);
    }
    for (const { metric, labels, value } of after.values()) this.#set(metric, labels, value);
  }

  /** A counter that is there goes on from what it has. */
  #set(name: string, labels: Labels, value: number): void {
    const metric = this.#metrics.get(name);
    if (metric instanceof Counter) metric.inc(labels, 0);
    else metric?.set(labels, value);
  }

  #follow(kind: AnyKind, key: ObjectKey, now: Resource | undefined): void {
    const { figures } = kind;
    if (figures === undefined) return;
    const before = this.#looks.get(key);
    if (before !== undefined) this.#metrics.get(before.metric)?.remove(before.labels);
    this.#looks.delete(key);
    // Who is paused is looked at by nobody.
    if (now === undefined || (now.spec as CommonSpec).suspend === true) return;
    const labels = commonOf(kind, now);
    const look = { metric: figures.lastLook.name, labels, atMs: before?.atMs };
    this.#looks.set(key, look);
    this.#show(look);
  }

  #show(look: Look): void {
    if (!this.#isLeading) return;
    look.atMs ??= this.#nowMs();
    this.#set(look.metric, look.labels, Math.floor(look.atMs / 1000));
  }
}

/** Since an object's figures were shown. */
interface Change {
  readonly kind: AnyKind;
  readonly before: Resource | undefined;
  readonly now: Resource | undefined;
}

interface Look {
  readonly metric: string;
  readonly labels: Labels;
  atMs: number | undefined;
}

interface Series {
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number;
}

function commonOf({ figures }: AnyKind, resource: Resource): Labels {
  const { namespace, name } = resource.metadata;
  return { namespace, name, ...figures?.identity.of(resource) };
}

/** By what tells them apart. */
function seriesOf(kind: AnyKind, resource: Resource | undefined): ReadonlyMap<string, Series> {
  const { figures } = kind;
  if (figures === undefined || resource === undefined) return new Map();
  const all: readonly Figure[] = [...figures.of(resource), ...figures.counted(resource)];
  return new Map(
    all.map(({ metric, labels: own, value }) => {
      const labels = { ...commonOf(kind, resource), ...own };
      return [[metric, ...Object.values(labels)].join('\n'), { metric, labels, value }];
    }),
  );
}
