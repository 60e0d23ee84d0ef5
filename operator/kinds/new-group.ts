/** A group as the tenant declares it, or a security group of this name. Pure. */
import type { NewAdGroup } from '../clients/active-directory/groups-port.ts';
import type { NewGroup } from '../clients/graph/port.ts';
import { mailNickname } from '../core/names.ts';
import type { M365Tenant } from '../core/objects.ts';

export function newGroup({ spec }: M365Tenant, displayName: string): NewGroup {
  const wanted = displayName.toLowerCase();
  const declared = spec.groups?.find(({ name }) => name.toLowerCase() === wanted);
  return {
    displayName,
    mailNickname: mailNickname(displayName),
    type: declared?.type ?? 'Security',
    ...(declared?.description === undefined ? {} : { description: declared.description }),
  };
}

export function newAdGroup({ spec }: M365Tenant, group: string): NewAdGroup {
  const wanted = group.toLowerCase();
  const declared = spec.activeDirectoryGroups?.find(({ name }) => name.toLowerCase() === wanted);
  const { name = group, description } = declared ?? {};
  return { name, ...(description === undefined ? {} : { description }) };
}
