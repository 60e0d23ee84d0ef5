/** One history: what happens, step by step, to a cluster, its people, its outside and the processes of the operator. */
import { annotations } from '../../operator/core/plan.ts';
import type { Metrics } from '../../operator/runtime/metrics.ts';
import { RecordedLog } from '../testing/engine.ts';
import { SimApiClient } from './api-client.ts';
import { ApiServer } from './api-server.ts';
import { Checks, resourceOf } from './checks.ts';
import { Network } from './network.ts';
import { SimProcess } from './process.ts';
import { Replica } from './replica.ts';
import type { Setting, Step } from './steps.ts';
import { type Toy, thingKind, World } from './things.ts';
import { Chance, Timeline } from './timeline.ts';
import type { WatchStream } from './watch-stream.ts';

const restartMs = 1_000;
/** Longer than a lease. */
const lagMs = 20_000;
export const names = ['a', 'b', 'c'] as const;

export class History {
  readonly timeline = new Timeline();
  readonly world = new World();
  readonly network: Network;
  readonly api: ApiServer;
  readonly checks: Checks;
  readonly log = new RecordedLog();
  readonly #streams = new Set<WatchStream>();
  readonly #chance: Chance;
  readonly #setting: Setting;
  readonly #metrics: Metrics;
  /** By slot: a pod that is started again whenever it ends. */
  readonly #replicas: Replica[] = [];
  readonly #all = new Map<string, Replica>();
  readonly #wallOffsetsMs: number[] = [];
  #watchLagMs = 0;
  #starts = 0;

  constructor(setting: Setting, metrics: Metrics) {
    this.#setting = setting;
    // Each manager adds to what is called before a scrape; nobody scrapes here.
    this.#metrics = { ...metrics, beforeScrape: new Set() };
    this.#chance = new Chance(setting.seed);
    this.network = new Network(this.timeline, this.#chance);
    this.checks = new Checks({
      world: this.world,
      api: () => this.api,
      isLeading: (identity) => this.#all.get(identity)?.isLeading === true,
      isRecoverable: setting.isRecoverable,
    });
    this.api = new ApiServer(this.timeline, (write) => this.checks.wrote(write));
    for (const name of setting.objects) {
      this.api.create(targetOf(''), { metadata: { name }, spec: { size: 1 } });
    }
    for (let slot = 0; slot < setting.replicas; slot++) this.#start(slot);
  }

  async take(step: Step): Promise<void> {
    this.#act(step);
    await this.timeline.advance(step.do === 'pass' ? step.ms : 0);
    this.#checkLeaders();
  }

  /** Faults end, pauses end, nobody is suspended, and everybody is looked at once more. */
  heal(): void {
    this.network.heal();
    this.#watchLagMs = 0;
    for (const { process } of this.#replicas) {
      process.calm();
    }
    for (const toy of this.toys()) {
      const { name, deletionTimestamp } = toy.metadata;
      if (deletionTimestamp === undefined) this.#patchSpec(name, { suspend: null });
      this.#annotate(name, 'the end');
    }
  }

  toys(): readonly Toy[] {
    return this.api.list('toys').map(resourceOf);
  }

  get leaders(): readonly Replica[] {
    return this.#replicas.filter((replica) => replica.isLeading);
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  /** Requests that were not for the lease. */
  get requests(): number {
    return this.#count((route) => !route.endsWith('leases'));
  }

  /** Looks at the outside, and changes of anything. */
  get work(): number {
    return this.#count((route) => route.startsWith('world') || route.startsWith('PATCH toys'));
  }

  end(): void {
    for (const { process } of this.#replicas) process.kill();
    // Node keeps a signal of signals for as long as somebody listens: in a dead process that is for ever.
    for (const replica of this.#all.values()) replica.stop();
    for (const stream of this.#streams) stream.cut();
  }

  #checkLeaders(): void {
    if (this.leaders.length > 1) this.checks.fail('W11: two leaders at once');
  }

  #count(isCounted: (route: string) => boolean): number {
    const counted = [...this.network.calls].filter(([route]) => isCounted(route));
    return counted.reduce((sum, [, calls]) => sum + calls, 0);
  }

  #act(step: Step): void {
    if (step.do === 'pass') return;
    if ('slot' in step) {
      const replica = this.#replicas[step.slot % this.#replicas.length];
      if (replica !== undefined) this.#disturb(step, replica);
    } else if ('name' in step) {
      this.#edit(step);
    } else if (step.do === 'fault') {
      this.network.faults.push({ on: step.on, kind: step.kind, times: step.times });
    } else if (step.do === 'outage') {
      this.network.takeDown(step.ms, step.as);
    } else {
      this.#disturbWatches(step.how);
    }
  }

  #edit(step: Extract<Step, { readonly name: string }>): void {
    const isThere = this.api.find(targetOf(step.name)) !== undefined;
    if (step.do === 'meddle') this.#meddle(step.name, step.size);
    else if (step.do === 'apply') this.#apply(step, isThere);
    else if (isThere && step.do === 'delete') this.api.delete(targetOf(step.name));
    else if (isThere && step.do === 'annotate') this.#annotate(step.name, step.value);
  }

  #disturb(step: Extract<Step, { readonly slot: number }>, replica: Replica): void {
    const { process } = replica;
    if (step.do === 'stop') {
      replica.stop();
    } else if (step.do === 'pause') {
      inOrAfter(process, step.sends, () => {
        process.pause();
        this.timeline.after(step.ms, () => process.resume());
      });
    } else if (step.do === 'jump') {
      this.#wallOffsetsMs[step.slot] = (this.#wallOffsetsMs[step.slot] ?? 0) + step.ms;
      process.jump(step.ms);
    } else {
      inOrAfter(process, step.sends, () => process.kill());
    }
  }

  #disturbWatches(how: Extract<Step, { do: 'watch' }>['how']): void {
    if (how === 'compact') this.api.compact();
    if (how === 'lag') this.#watchLagMs = lagMs;
    for (const stream of this.#streams) {
      if (how === 'cut') stream.cut();
      else if (how === 'reset') stream.cut(new Error('socket hang up'));
      else if (how === 'garble') stream.garble();
      else if (how === 'lag') stream.slowDown(lagMs);
      else stream.expire();
    }
  }

  #start(slot: number): void {
    this.#starts += 1;
    const identity = `pod-${String(slot)}-${String(this.#starts)}`;
    const wallOffsetMs = this.#wallOffsetsMs[slot] ?? 0;
    const surroundings = { timeline: this.timeline, chance: this.#chance, wallOffsetMs };
    const again = (): void => {
      this.timeline.after(restartMs, () => this.#start(slot));
    };
    const process = new SimProcess(identity, surroundings, again);
    const replica = new Replica(process);
    this.#replicas[slot] = replica;
    this.#all.set(identity, replica);
    void this.#run(replica);
  }

  async #run(replica: Replica): Promise<void> {
    const { process } = replica;
    const transport = new SimApiClient(process, {
      api: this.api,
      network: this.network,
      streams: this.#streams,
      hasStreams: this.#setting.hasStreams,
      watchLagMs: () => this.#watchLagMs,
      onTold: (identity, uid) => this.checks.told(identity, uid),
      onSend: (method, target) => {
        // What runs on in a process that died a moment ago never gets out of it.
        if (!process.isDead) this.checks.sent(process.identity, method, target);
      },
    });
    try {
      await replica.run({
        process,
        transport,
        log: this.log.child({ process: process.identity }),
        metrics: this.#metrics,
        audit: { write: () => undefined },
        kindOf: ({ cluster }) =>
          thingKind({
            world: this.world,
            network: this.network,
            process,
            isRecoverable: this.#setting.isRecoverable,
            get: (namespace, name) => cluster.get<Toy>('Toy', namespace, name),
            onSend: (change) => {
              if (!process.isDead) this.checks.sentOutside(change);
            },
            onChange: (change) => this.checks.changedOutside(change),
          }),
      });
    } catch (error) {
      this.checks.fail(`a process ended with ${String(error)}`);
    }
    process.kill();
  }

  #apply(step: Extract<Step, { do: 'apply' }>, isThere: boolean): void {
    const { name, size, after, suspend } = step;
    if (isThere) {
      this.#patchSpec(name, { size, suspend: suspend ? true : null });
      return;
    }
    const before = after ? previous(name) : undefined;
    const spec = { size, ...(suspend && { suspend }), ...(before && { after: before }) };
    this.api.create(targetOf(''), { metadata: { name }, spec });
  }

  #patchSpec(name: string, spec: object): void {
    this.api.mergePatch(targetOf(name), { spec });
  }

  #annotate(name: string, value: string): void {
    const metadata = { annotations: { [annotations.reconcileRequestedAt]: value } };
    this.api.mergePatch(targetOf(name), { metadata });
  }

  /** Somebody else changes or removes (size 0) a thing. */
  #meddle(name: string, size: number): void {
    const thing = this.world.find((one) => one.name === name);
    if (thing === undefined) return;
    if (size === 0) this.world.things.delete(thing.id);
    else this.world.resize(thing.id, size);
  }
}

/** `sends` 0: now. */
function inOrAfter(process: SimProcess, sends: number, disturb: () => void): void {
  if (sends === 0) disturb();
  else process.disturbAfterSends(sends, disturb);
}

function previous(name: string): string | undefined {
  return names[names.findIndex((one) => one === name) - 1];
}

function targetOf(name: string) {
  return { plural: 'toys', namespace: 'default', name, isStatus: false };
}
