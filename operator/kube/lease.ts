/**
 * Leader election over a Lease, after client-go: 15 s / 10 s / 2 s. Only the time at which *we* saw a record change counts,
 * never the clock of its writer. A lease does not fence. So `isLeading` is asked before every outside change, and what
 * is under way is cut off (`lost`) five seconds before another may take over: also where this process was paused
 * meanwhile, because a timer that is overdue fires before any answer is read.
 */
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { hasStatus } from './errors.ts';
import { collectionPath, type KindInfo, objectPath } from './paths.ts';
import { microTime } from './time.ts';
import type { ApiClient } from './transport.ts';

const leases: KindInfo = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
};

const leaseDurationMs = 15_000;
const renewDeadlineMs = 10_000;
const retryPeriodMs = 2_000;
/** How often a standby asks, at the earliest: with jitter after at most 2.2 s, so that a lease given back is taken within 3 s. */
const standbyPeriodMs = 1_000;
/** client-go's JitterFactor: candidates do not all ask at once. */
const jitter = 1.2;
/** One attempt must leave time for another before the deadline. */
const attemptMaxMs = 4_000;

interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique for this process. */
  readonly identity: string;
}

interface LeaseDeps {
  readonly transport: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'leader' | 'leaderSlowpath'>;
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

interface LeaseBody {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

/** One try to take or renew. `failed`: no answer, or somebody wrote in between; nothing is known yet. */
type Attempt = 'ours' | 'taken' | 'failed';

export class Lease {
  readonly #options: LeaseOptions;
  readonly #deps: LeaseDeps;
  readonly #path: string;
  readonly #tried = Promise.withResolvers<undefined>();
  readonly #lost = new AbortController();
  /** As we wrote it last, until it is written over. */
  #written: LeaseBody | undefined;
  #seenVersion: string | undefined;
  #seenAtMs = 0;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #acquiredAtMs = Number.POSITIVE_INFINITY;
  #isHeld = false;
  #deadline: Timer | undefined;

  constructor(options: LeaseOptions, deps: LeaseDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#path = objectPath(leases, options.namespace, options.name);
  }

  /** True at this very moment: renewed less than the renew deadline ago. */
  isLeading(): boolean {
    return this.#isHeld && this.#deps.clock.monotonicMs() - this.#renewedAtMs < renewDeadlineMs;
  }

  /** This process led, and does not at this very moment: also before anybody has noticed. */
  get hasEnded(): boolean {
    return this.#acquiredAtMs !== Number.POSITIVE_INFINITY && !this.isLeading();
  }

  /** Aborted when this process led and may not write any more. It is for good: the process must end. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Resolves when the lease was asked for once, whatever came of it. */
  get tried(): Promise<unknown> {
    return this.#tried.promise;
  }

  /** Monotonic: what was read before may lack what a leader before us wrote. */
  get acquiredAtMs(): number {
    return this.#acquiredAtMs;
  }

  /** Resolves when this process leads; rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, log, metrics } = this.#deps;
    const { name, identity } = this.#options;
    metrics.leader.set({ name }, 0);
    while ((await this.#attempt(signal)) !== 'ours') {
      this.#tried.resolve(undefined);
      await clock.sleep(standbyPeriodMs * (1 + clock.random() * jitter), signal);
    }
    this.#isHeld = true;
    this.#acquiredAtMs = clock.monotonicMs();
    this.#tried.resolve(undefined);
    metrics.leader.set({ name }, 1);
    log.info({ lease: name, identity }, 'this process leads');
  }

  /** Renews until the lease is lost, and then resolves: the process must end. Resolves on abort as well. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, metrics } = this.#deps;
    const { name } = this.#options;
    const ended = AbortSignal.any([signal, this.lost]);
    while (!ended.aborted) {
      try {
        await clock.sleep(retryPeriodMs, ended);
        if ((await this.#attempt(ended)) !== 'ours') metrics.leaderSlowpath.inc({ name });
      } catch (error) {
        if (!ended.aborted) throw error;
      }
    }
  }

  /** After all work has ended: lets a standby take over at once. */
  async release(): Promise<void> {
    this.#deadline?.cancel();
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#deps.metrics.leader.set({ name: this.#options.name }, 0);
    try {
      const lease = await this.#read(undefined);
      if (lease?.spec?.holderIdentity !== this.#options.identity) return;
      const spec = { ...this.#specOf(lease.spec), holderIdentity: '', leaseDurationSeconds: 1 };
      await this.#replace(lease, spec, undefined);
    } catch (error) {
      this.#deps.log.warn({ error }, 'the lease was not given back: it runs out by itself');
    }
  }

  async #attempt(signal: AbortSignal): Promise<Attempt> {
    const { clock, log } = this.#deps;
    const late = new AbortController();
    const timer = clock.setTimer(attemptMaxMs, () => late.abort());
    // Taken before the request: what counts is how old the renewal can be, not when the answer came.
    const startedMs = clock.monotonicMs();
    try {
      const attempt = await this.#takeOrRenew(AbortSignal.any([signal, late.signal]));
      if (attempt === 'ours') this.#renewed(startedMs);
      if (attempt === 'taken' && this.#isHeld) this.#lose();
      return attempt;
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ error, lease: this.#options.name }, 'the lease cannot be read or written');
      return 'failed';
    } finally {
      timer.cancel();
    }
  }

  #renewed(startedMs: number): void {
    const { clock } = this.#deps;
    this.#renewedAtMs = startedMs;
    this.#deadline?.cancel();
    const leftMs = startedMs + renewDeadlineMs - clock.monotonicMs();
    this.#deadline = clock.setTimer(leftMs, () => this.#lose());
  }

  #lose(): void {
    const { log, metrics } = this.#deps;
    const { name } = this.#options;
    this.#deadline?.cancel();
    this.#isHeld = false;
    metrics.leader.set({ name }, 0);
    log.error({ lease: name }, 'the lease is lost: this process stops');
    this.#lost.abort(new DOMException('the lease is lost', 'AbortError'));
  }

  async #takeOrRenew(signal: AbortSignal): Promise<Attempt> {
    const attempt = await this.#renew(signal);
    return attempt === 'ours' ? attempt : this.#readAndTake(signal);
  }

  /** As client-go does: who holds it writes over what it wrote, and reads it only where somebody else wrote since. */
  async #renew(signal: AbortSignal): Promise<Attempt> {
    const last = this.#written;
    this.#written = undefined;
    if (!this.#isHeld || last === undefined) return 'failed';
    return this.#replace(last, this.#specOf(last.spec ?? {}), signal);
  }

  async #readAndTake(signal: AbortSignal): Promise<Attempt> {
    const lease = await this.#read(signal);
    if (lease === undefined) return this.#create(signal);
    const { spec = {}, metadata } = lease;
    const nowMs = this.#deps.clock.monotonicMs();
    if (metadata.resourceVersion !== this.#seenVersion) {
      this.#seenVersion = metadata.resourceVersion;
      this.#seenAtMs = nowMs;
    }
    const holder = spec.holderIdentity ?? '';
    const durationMs = (spec.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
    const isFree = holder === '' || holder === this.#options.identity;
    if (!isFree && nowMs - this.#seenAtMs < durationMs) return 'taken';
    return this.#replace(lease, this.#specOf(spec), signal);
  }

  #specOf(before: LeaseSpec): LeaseSpec {
    const { identity } = this.#options;
    const now = microTime(this.#deps.clock.nowMs());
    const isOurs = before.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      acquireTime: isOurs ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
    };
  }

  async #read(signal: AbortSignal | undefined): Promise<LeaseBody | undefined> {
    try {
      const options = { signal, isRepeatable: false };
      return await this.#deps.transport.request<LeaseBody>('GET', this.#path, options);
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async #create(signal: AbortSignal): Promise<Attempt> {
    const { namespace, name } = this.#options;
    const spec = { ...this.#specOf({}), leaseTransitions: 0 };
    const metadata = { name, namespace };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    return this.#write('POST', collectionPath(leases, namespace), body, signal);
  }

  #replace(lease: LeaseBody, spec: LeaseSpec, signal: AbortSignal | undefined): Promise<Attempt> {
    // The resource version of what was read makes the write fail where another was faster.
    return this.#write('PUT', this.#path, { ...lease, spec }, signal);
  }

  async #write(
    method: 'POST' | 'PUT',
    path: string,
    body: object,
    signal: AbortSignal | undefined,
  ): Promise<Attempt> {
    try {
      const options = { body, signal };
      const written = await this.#deps.transport.request<LeaseBody>(method, path, options);
      this.#written = written;
      this.#seenVersion = written.metadata.resourceVersion;
      this.#seenAtMs = this.#deps.clock.monotonicMs();
      return 'ours';
    } catch (error) {
      // Somebody else wrote it or took it away.
      if (hasStatus(error, 404, 409)) return 'failed';
      throw error;
    }
  }
}
