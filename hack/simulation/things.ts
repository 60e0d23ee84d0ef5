/**
 * The outside of a simulation, and the kind that works on it: as the toy of hack/testing, but its world makes a new id
 * at each create and refuses no double. A create is found again by its name (recoverable), or only by a token that was
 * stored before it was sent.
 */
import { condition, notReady, ready } from '../../operator/core/conditions.ts';
import { terminal, transient, wait } from '../../operator/core/errors.ts';
import { type Action, type AnyKind, onChange } from '../../operator/core/plan.ts';
import type {
  CommonSpec,
  CommonStatus,
  ObjectKey,
  Resource,
} from '../../operator/core/resource.ts';
import { objectKey } from '../../operator/core/resource.ts';
import type { FaultKind, Network } from './network.ts';
import type { SimProcess } from './process.ts';

interface ThingSpec extends CommonSpec {
  readonly size: number;
  /** Name of another that must be Ready before this one is created. */
  readonly after?: string;
}

interface ThingStatus extends CommonStatus {
  readonly externalId?: string | undefined;
  /** A create with it is under way, or was. */
  readonly token?: string | undefined;
  readonly size?: number | undefined;
  readonly applied?: number | undefined;
}

export type Toy = Resource<ThingSpec, ThingStatus>;

export interface Thing {
  readonly id: string;
  readonly name: string;
  readonly token: string | undefined;
  readonly uid: string;
  readonly size: number;
}

export interface OutsideChange {
  readonly by: SimProcess;
  readonly operation: 'create' | 'resize' | 'remove';
  readonly uid: string;
  readonly token?: string | undefined;
}

export class World {
  readonly things = new Map<string, Thing>();
  #ids = 0;

  create(name: string, uid: string, token: string | undefined, size: number): Thing {
    this.#ids += 1;
    const thing = { id: `id-${String(this.#ids)}`, name, token, uid, size };
    this.things.set(thing.id, thing);
    return thing;
  }

  find(isWanted: (thing: Thing) => boolean): Thing | undefined {
    return [...this.things.values()].find(isWanted);
  }

  resize(id: string, size: number): void {
    const thing = this.things.get(id);
    if (thing !== undefined) this.things.set(id, { ...thing, size });
  }
}

interface ThingDeps {
  readonly world: World;
  readonly network: Network;
  readonly process: SimProcess;
  readonly isRecoverable: boolean;
  readonly get: (namespace: string, name: string) => Toy | undefined;
  /** At the moment of sending, and at the moment when it takes effect. */
  readonly onSend: (change: OutsideChange) => void;
  readonly onChange: (change: OutsideChange) => void;
}

const worldTimeoutMs = 4_000;

function errorOf(kind: FaultKind | 'timeout'): Error {
  if (kind === 'busy') return wait('busy', { reason: 'Busy', delayMs: 3_000 });
  if (kind === 'terminal') return terminal('refused', { reason: 'Refused' });
  if (kind === 'refused') return transient('unavailable', { reason: 'Unavailable' });
  return transient('no answer', { reason: 'Lost' });
}

type ThingAction = Action & { readonly name: keyof typeof operations };

const operations = {
  IntendThing: undefined,
  CreateThing: 'create',
  ResizeThing: 'resize',
  DeleteThing: 'remove',
} as const;

function act(verb: Action['verb'], name: ThingAction['name'], recoverable = false): ThingAction {
  return { verb, name, system: 'World', summary: name, recoverable };
}

export function thingKind(deps: ThingDeps): AnyKind {
  const { isRecoverable } = deps;
  return {
    kind: 'Toy',
    plural: 'toys',
    references: ({ metadata, spec }: Toy): readonly ObjectKey[] =>
      spec.after === undefined ? [] : [objectKey('Toy', metadata.namespace, spec.after)],
    observe: async (resource: Toy, signal: AbortSignal) => ({
      thing: await observe(deps, resource, signal),
      mayBegin: isDependencyReady(deps, resource),
    }),
    plan: (resource: Toy, seen: Seen) => plan(resource, seen, isRecoverable),
    apply: (action: ThingAction, resource: Toy, signal: AbortSignal) =>
      apply(deps, action, resource, signal),
  };
}

interface Seen {
  readonly thing: Thing | undefined;
  readonly mayBegin: boolean;
}

function isDependencyReady({ get }: ThingDeps, { metadata, spec }: Toy): boolean {
  if (spec.after === undefined) return true;
  const { conditions = [] } = get(metadata.namespace, spec.after)?.status ?? {};
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function observe(
  { world, network, process, isRecoverable }: ThingDeps,
  { metadata, status = {} }: Toy,
  signal: AbortSignal,
): Promise<Thing | undefined> {
  const isWanted = (thing: Thing): boolean => {
    if (isRecoverable) return thing.name === metadata.name;
    if (status.externalId !== undefined && thing.id === status.externalId) return true;
    return status.token !== undefined && thing.token === status.token;
  };
  const commit = (): Thing | undefined => world.find(isWanted);
  const route = 'world observe';
  return network.call({ process, route, signal, timeoutMs: worldTimeoutMs, commit, errorOf });
}

function plan(resource: Toy, { thing, mayBegin }: Seen, isRecoverable: boolean) {
  const isDeleted = resource.metadata.deletionTimestamp !== undefined;
  const actions = isDeleted
    ? removal(thing)
    : changes(resource, thing, { mayBegin, isRecoverable });
  const found = thing === undefined ? { externalId: undefined } : foundStatus(thing);
  return {
    actions,
    conditions: conditionsOf(resource, thing, mayBegin),
    status: { size: thing?.size, ...found },
    released: isDeleted && thing === undefined,
    next: onChange,
  };
}

function foundStatus({ id }: Thing): Partial<ThingStatus> {
  return { externalId: id, token: undefined };
}

function removal(thing: Thing | undefined): readonly ThingAction[] {
  return thing === undefined ? [] : [act('delete', 'DeleteThing')];
}

function changes(
  { spec, status }: Toy,
  thing: Thing | undefined,
  { mayBegin, isRecoverable }: { mayBegin: boolean; isRecoverable: boolean },
): readonly ThingAction[] {
  if (thing !== undefined) {
    return thing.size === spec.size ? [] : [act('update', 'ResizeThing', true)];
  }
  if (!mayBegin) return [];
  if (isRecoverable) return [act('create', 'CreateThing', true)];
  const isIntended = status?.token !== undefined;
  return [...(isIntended ? [] : [act('intent', 'IntendThing')]), act('create', 'CreateThing')];
}

function conditionsOf({ spec, status }: Toy, thing: Thing | undefined, mayBegin: boolean) {
  if (thing === undefined) {
    return mayBegin
      ? [notReady('Missing', 'the thing is not there yet')]
      : [notReady('DependencyNotReady', 'another one must be ready first')];
  }
  if (thing.size === spec.size) return [ready('Ready', 'the thing is as it should be')];
  const isForeign = thing.size !== (status?.applied ?? thing.size);
  const drift = isForeign ? [condition('Drifted', 'True', 'SizeDiffers', 'size differs')] : [];
  return [notReady('SizeDiffers', 'the thing has another size'), ...drift];
}

async function apply(deps: ThingDeps, action: ThingAction, resource: Toy, signal: AbortSignal) {
  const { process, network, onSend, onChange: tell } = deps;
  const { metadata, spec, status = {} } = resource;
  const operation = operations[action.name];
  if (operation === undefined) return { status: { token: process.uuid() } };
  const { token } = status;
  const change: OutsideChange = { by: process, operation, uid: metadata.uid, token };
  onSend(change);
  const commit = (): string => {
    const id = commitOne(deps.world, operation, resource);
    tell(change);
    return id;
  };
  const route = `world ${operation}`;
  const id = await network.call({
    process,
    route,
    signal,
    timeoutMs: worldTimeoutMs,
    commit,
    errorOf,
  });
  if (operation === 'remove') return {};
  const made = operation === 'create' ? { externalId: id, token: undefined } : {};
  return { status: { ...made, applied: spec.size } };
}

function commitOne(
  world: World,
  operation: OutsideChange['operation'],
  { metadata, spec, status = {} }: Toy,
): string {
  const { name, uid } = metadata;
  if (operation === 'create') return world.create(name, uid, status.token, spec.size).id;
  const id = status.externalId ?? '';
  if (operation === 'resize') world.resize(id, spec.size);
  else world.things.delete(id);
  return id;
}
