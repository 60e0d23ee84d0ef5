/** A kind with everything that kinds have, over a world that is a Map: what the engine is tested with. */
import { condition, notReady, ready } from '../../operator/core/conditions.ts';
import { type Action, type AnyKind, type Next, onChange } from '../../operator/core/plan.ts';
import {
  type CommonSpec,
  type CommonStatus,
  type Condition,
  type Metadata,
  type ObjectKey,
  objectKey,
  type Resource,
} from '../../operator/core/resource.ts';

interface ToySpec extends CommonSpec {
  readonly size: number;
  /** Name of another Toy that must be Ready first. */
  readonly after?: string;
}

interface ToyStatus extends CommonStatus {
  readonly creating?: boolean | undefined;
  readonly externalId?: string | undefined;
  /** As it was found. */
  readonly size?: number | undefined;
  /** As we last made it: another size than this is somebody else's doing. */
  readonly applied?: number | undefined;
}

export type Toy = Resource<ToySpec, ToyStatus>;

interface Thing {
  size: number;
}

/** The outside: things by id. `onCall` sees every apply and may throw, before or after the world changed. */
export class ToyWorld {
  readonly things = new Map<string, Thing>();
  readonly calls: string[] = [];
  observations = 0;
  beforeCall: (action: string) => void | Promise<void> = () => undefined;
  afterCall: (action: string) => void | Promise<void> = () => undefined;
  beforeObserve: (resource: Toy, signal: AbortSignal) => void | Promise<void> = () => undefined;

  async change(action: string, change: () => void): Promise<void> {
    await this.beforeCall(action);
    this.calls.push(action);
    change();
    await this.afterCall(action);
  }
}

interface ToyAction extends Action {
  readonly id: string;
}

interface ToyOptions {
  /** Ids can be found again by name: one status write in all. */
  readonly isRecoverable: boolean;
  /** When a Toy that is done is looked at again. */
  readonly next?: Next;
}

function idOf(resource: Toy): string {
  return `id-${resource.metadata.name}`;
}

export function toyKind(world: ToyWorld, options: ToyOptions): AnyKind {
  return {
    kind: 'Toy',
    plural: 'toys',
    references: ({ metadata, spec }: Toy): readonly ObjectKey[] =>
      spec.after === undefined ? [] : [objectKey('Toy', metadata.namespace, spec.after)],
    observe: async (resource: Toy, signal: AbortSignal) => {
      world.observations += 1;
      await world.beforeObserve(resource, signal);
      const found = world.things.get(idOf(resource));
      return found === undefined ? undefined : { ...found };
    },
    plan: (resource: Toy, thing: Thing | undefined) => planToy(resource, thing, options),
    apply: (action: ToyAction, resource: Toy) => applyToy(world, action, resource),
  };
}

function planToy(resource: Toy, thing: Thing | undefined, options: ToyOptions) {
  const isDeleted = resource.metadata.deletionTimestamp !== undefined;
  const actions = isDeleted ? deletions(resource, thing) : changes(resource, thing, options);
  return {
    actions,
    conditions: toyConditions(resource, thing, actions),
    status: { size: thing?.size },
    released: isDeleted && (thing === undefined || resource.metadata.labels?.['keep'] === 'yes'),
    next: options.next ?? onChange,
  };
}

function toyAction(verb: Action['verb'], name: string, resource: Toy): ToyAction {
  return { verb, name, system: 'World', summary: `${name} of a thing`, id: idOf(resource) };
}

function changes(
  resource: Toy,
  thing: Thing | undefined,
  { isRecoverable }: ToyOptions,
): readonly ToyAction[] {
  if (thing === undefined) {
    const create = { ...toyAction('create', 'CreateThing', resource), recoverable: isRecoverable };
    return isRecoverable ? [create] : [toyAction('intent', 'IntendThing', resource), create];
  }
  const isSame = thing.size === resource.spec.size;
  return isSame ? [] : [{ ...toyAction('update', 'ResizeThing', resource), recoverable: true }];
}

function deletions(resource: Toy, thing: Thing | undefined): readonly ToyAction[] {
  return thing === undefined ? [] : [toyAction('delete', 'DeleteThing', resource)];
}

function toyConditions(
  resource: Toy,
  thing: Thing | undefined,
  actions: readonly Action[],
): readonly Condition[] {
  if (thing === undefined) return [notReady('Missing', 'the thing is not there yet')];
  const isForeign = thing.size !== (resource.status?.applied ?? thing.size);
  const drift = isForeign ? [condition('Drifted', 'True', 'SizeDiffers', 'size differs')] : [];
  return actions.length === 0
    ? [ready('Ready', 'the thing is as it should be')]
    : [notReady('SizeDiffers', 'the thing has another size'), ...drift];
}

async function applyToy(world: ToyWorld, action: ToyAction, resource: Toy) {
  const { size } = resource.spec;
  switch (action.name) {
    case 'IntendThing':
      return { status: { creating: true } };
    case 'CreateThing':
      await world.change(action.name, () => world.things.set(action.id, { size }));
      return {
        status: { externalId: action.id, creating: undefined, applied: size },
        audit: { requestId: 'r-1', target: action.id, after: { size } },
      };
    case 'ResizeThing':
      await world.change(action.name, () => world.things.set(action.id, { size }));
      return { status: { applied: size } };
    default:
      await world.change(action.name, () => world.things.delete(action.id));
      return {};
  }
}

export function toy(name: string, spec: ToySpec, metadata: Partial<Metadata> = {}): Toy {
  const base = {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'testing/v1', kind: 'Toy', metadata: { ...base, ...metadata }, spec };
}

export function toyKey(name: string): ObjectKey {
  return objectKey('Toy', 'default', name);
}
