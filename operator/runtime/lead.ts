/** From standby to leader to the end: watches from the start, works only while leading. */

/** What is needed of the Kubernetes side. */
interface Standing {
  readonly lease: {
    /** Resolves when the lease was asked for once, whatever came of it. */
    readonly tried: Promise<unknown>;
    /** Resolves when this process leads; rejects with the signal's reason. */
    acquire(signal: AbortSignal): Promise<void>;
    /** Monotonic. */
    readonly acquiredAtMs: number;
    /** Resolves when the lease is lost or the signal aborts. */
    keep(signal: AbortSignal): Promise<void>;
    readonly lost: AbortSignal;
  };
  readonly start: () => void;
  /** Resolves when the caches hold those that others belong to. */
  readonly parentsSynced: Promise<unknown>;
  readonly synced: Promise<unknown>;
  /** Resolves when the caches hold what there was at `sinceMs`. */
  readonly fresh: (sinceMs: number) => Promise<void>;
}

export interface Work {
  /** Called when this process leads, before the caches hold all: for reading ahead. */
  prepare?(): void;
  start(): void;
}

/** Returns when the signal aborts or the lease is lost. `load`: called while the first lists come. */
export async function lead(
  standing: Standing,
  load: () => Promise<Work> | Work,
  signal: AbortSignal,
): Promise<void> {
  const { lease } = standing;
  const acquired = lease.acquire(signal);
  const kept = acquired.then(() => lease.keep(signal));
  try {
    await Promise.race([kept, startWork(standing, load, acquired).then(() => kept)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function startWork(
  { start, parentsSynced, synced, fresh, lease }: Standing,
  load: () => Promise<Work> | Work,
  acquired: Promise<void>,
): Promise<void> {
  // A lease that is free is taken before the lists are read: then nothing of a leader before is missing from them.
  await lease.tried;
  start();
  const work = await load();
  await parentsSynced;
  await acquired;
  work.prepare?.();
  await synced;
  await fresh(lease.acquiredAtMs);
  // Not `isLeading`: a renewal that is on its way may say so in a moment, and nobody would start it then.
  if (!lease.lost.aborted) work.start();
}
