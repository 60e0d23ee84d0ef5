/** Users, groups and service principals as lists of directory objects show them, each with its type. */

import type { Properties } from '../directory/directory.ts';
import { groupEntity, userEntity } from '../directory/records.ts';
import type { Call } from './call.ts';

/** Any object that can be a member, as of write `seq`; undefined where there is none that lives. */
export function principalEntity(call: Call, id: string, seq: number): Properties | undefined {
  const { directory } = call;
  const user = directory.users.at(id, seq);
  if (user?.state === 'live')
    return { '@odata.type': '#microsoft.graph.user', ...userEntity(directory, user.value) };
  const group = directory.groups.at(id, seq);
  if (group?.state === 'live')
    return { '@odata.type': '#microsoft.graph.group', ...groupEntity(directory, group.value) };
  const principal = directory.servicePrincipals.get(id);
  if (!principal) return undefined;
  const { appId, displayName } = principal;
  return { '@odata.type': '#microsoft.graph.servicePrincipal', id, appId, displayName };
}

export function principalEntities(call: Call, ids: readonly string[]): Properties[] {
  return ids.flatMap((id): Properties[] => {
    const entity = principalEntity(call, id, call.listSeq);
    return entity ? [entity] : [];
  });
}
