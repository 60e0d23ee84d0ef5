/** What a change of an object means for the queue. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { annotations } from '../core/plan.ts';
import type { Lane } from '../core/ports.ts';
import type { CommonStatus, Condition, ObjectKey, Resource } from '../core/resource.ts';

/** One change of the cache. `initial`: part of the first list after a start. */
export interface Change {
  readonly key: ObjectKey;
  readonly old?: Resource | undefined;
  readonly new?: Resource | undefined;
  readonly initial: boolean;
}

const watched = [
  annotations.reconcileRequestedAt,
  annotations.approve,
  annotations.confirm,
  annotations.rotatePasswordAt,
];

/** The lane in which the object itself is to be looked at; undefined: not because of this (our own status writes). */
export function ownLane(change: Change): Lane | undefined {
  const { old, new: now, initial } = change;
  if (now === undefined) return undefined;
  if (old === undefined || old.metadata.uid !== now.metadata.uid) {
    if (!initial) return 'edit';
    return isKnown(now) ? 'resync' : 'retry';
  }
  return isEdited(old, now) ? 'edit' : undefined;
}

/** The spec that stands was looked at before. After a start others go first, and whoever edits now before all of them. */
function isKnown(resource: Resource): boolean {
  const { observedGeneration } = (resource.status ?? {}) as CommonStatus;
  return observedGeneration === resource.metadata.generation;
}

function isEdited(old: Resource, now: Resource): boolean {
  return (
    old.metadata.generation !== now.metadata.generation ||
    old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
    watched.some((name) => old.metadata.annotations?.[name] !== now.metadata.annotations?.[name])
  );
}

/**
 * True where objects that refer to this one may have to act: it came, went, was edited, or its status says something new.
 * `fields`: those of status that they look at; undefined: all.
 */
export function concernsDependants({ old, new: now }: Change, fields?: readonly string[]): boolean {
  if (old === undefined || now === undefined || old.metadata.uid !== now.metadata.uid) return true;
  return isEdited(old, now) || !isDeepStrictEqual(meaning(old, fields), meaning(now, fields));
}

function meaning(resource: Resource, wanted: readonly string[] | undefined): unknown {
  const { conditions, ...others } = (resource.status ?? {}) as CommonStatus;
  const fields = Object.entries({ ...others, observedGeneration: undefined }).filter(
    ([name]) => wanted === undefined || wanted.includes(name),
  );
  const facts = (conditions ?? []).map(({ type, status, reason, message }: Condition) => [
    type,
    status,
    reason,
    message,
  ]);
  // Labels: namespaces are chosen by theirs.
  return { facts, fields: Object.fromEntries(fields), labels: resource.metadata.labels };
}
