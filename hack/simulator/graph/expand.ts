/** `$expand` of users and groups: one relation a request, twenty objects of it (graph.md 0.1, 12.2). */
import { navigationProperties } from '../contract-schemas.ts';
import { transitiveGroups, transitiveMembers } from '../directory/nesting.ts';
import type { Call } from './call.ts';
import { badRequest, notImplemented } from './errors.ts';
import { principalEntities } from './principals.ts';
import { project, selectedNames } from './projection.ts';

const ITEMS_MAX = 20;

interface Relation {
  readonly isSingle?: boolean;
  readonly ids: (call: Call, id: string) => readonly string[];
}

const RELATIONS: Readonly<Record<'user' | 'group', Readonly<Record<string, Relation>>>> = {
  user: {
    manager: {
      isSingle: true,
      ids: ({ directory, listSeq }, id) =>
        [directory.users.at(id, listSeq)?.value.managerId ?? []].flat(),
    },
    directReports: {
      ids: ({ directory, listSeq }, id) =>
        [...directory.users.all('live', listSeq)].flatMap(({ value }) =>
          value.managerId === id ? [value.id] : [],
        ),
    },
    memberOf: { ids: ({ directory, listSeq }, id) => directory.memberships.groups(id, listSeq) },
    transitiveMemberOf: {
      ids: ({ directory, listSeq }, id) => transitiveGroups(directory, id, listSeq),
    },
  },
  group: {
    members: { ids: ({ directory, listSeq }, id) => directory.memberships.members(id, listSeq) },
    transitiveMembers: {
      ids: ({ directory, listSeq }, id) => transitiveMembers(directory, id, listSeq),
    },
    memberOf: { ids: ({ directory, listSeq }, id) => directory.memberships.groups(id, listSeq) },
    owners: {
      ids: ({ directory, listSeq }, id) => directory.groups.at(id, listSeq)?.value.ownerIds ?? [],
    },
  },
};

type Expansion = (id: string) => Record<string, unknown>;

/**
 * What to add to each object of the answer; undefined where the request expands nothing.
 * @throws GraphError 400 for what the type has not or cannot be asked for so, 501 for what is not modelled
 */
export function expansion(call: Call, type: 'user' | 'group'): Expansion | undefined {
  const text = call.request.query.get('$expand');
  if (text === null) return undefined;
  const match = /^(\w+)(?:\(\$select=([\w,]+)\))?$/.exec(text);
  const name = match?.[1];
  // Levels, filters and pages within an expansion are the service's, not ours.
  if (name === undefined && /^\w+\(/.test(text)) throw notImplemented(`$expand=${text}`);
  if (name === undefined) throw badRequest(`$expand=${text} is not supported.`);
  const relation = RELATIONS[type][name];
  if (!relation) {
    if (navigationProperties(type).includes(name)) throw notImplemented(`$expand=${name}`);
    throw badRequest(
      `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
    );
  }
  const select = selectedNames(call, 'directoryObject', match?.[2] ?? null);
  return (id) => {
    const objects = principalEntities(call, relation.ids(call, id).slice(0, ITEMS_MAX));
    const shown = objects.map((entity) => project('directoryObject', entity, select));
    if (relation.isSingle !== true) return { [name]: shown };
    return shown[0] ? { [name]: shown[0] } : {};
  };
}
