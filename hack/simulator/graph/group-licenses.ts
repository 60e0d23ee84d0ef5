/** Licences of a group over the wire (graph.md 5.4). */
import { recordAudit } from '../directory/audit.ts';
import type { Group } from '../directory/directory.ts';
import { processGroup } from '../directory/group-licenses.ts';
import { groupEntity, membersWithErrors, saveGroup, userEntity } from '../directory/records.ts';
import type { ApiResponse } from '../world.ts';
import type { Call, Handlers } from './call.ts';
import { badRequest } from './errors.ts';
import { groupTarget, requireGroup, requireWritableGroup } from './groups.ts';
import { licenseChange } from './licenses.ts';
import { list, single } from './query.ts';

export const GROUP_LICENSE_HANDLERS: Handlers = {
  'POST /groups/{group-id}/assignLicense': assignToGroup,
  'GET /groups/{group-id}/membersWithLicenseErrors': listErrors,
};

/** Taken on at once, worked through later; what goes wrong stands on the members. */
function assignToGroup(call: Call): ApiResponse {
  const { world, directory } = call;
  const group = requireWritableGroup(call);
  const { add, remove } = licenseChange(call);
  const held = group.licenses.map(({ skuId }) => skuId);
  const missing = remove.find((skuId) => !held.includes(skuId));
  if (missing !== undefined) {
    throw badRequest(`Group does not have a corresponding license ${missing}.`);
  }
  const replaced = new Set([...remove, ...add.map(({ skuId }) => skuId)]);
  const kept = group.licenses.filter(({ skuId }) => !replaced.has(skuId));
  const next: Group = {
    ...group,
    licenses: [...kept, ...add],
    properties: { ...group.properties, licenseProcessingState: { state: 'QueuedForProcessing' } },
  };
  saveGroup(directory, next);
  const modified = [
    { name: 'assignedLicense', before: group.licenses, after: next.licenses },
  ] as const;
  recordAudit(call, {
    activity: 'Set group license',
    category: 'GroupManagement',
    targets: [{ ...groupTarget(next), modified }],
  });
  processGroup(world, directory, group.id);
  const entity = groupEntity(directory, next);
  return single(call, { type: 'group', set: 'groups', entity, status: 202 });
}

function listErrors(call: Call): ApiResponse {
  const { directory } = call;
  const group = requireGroup(call);
  return list(call, {
    type: 'directoryObject',
    set: 'directoryObjects',
    items: () =>
      membersWithErrors(directory, group.id).map((user) => ({
        '@odata.type': '#microsoft.graph.user',
        ...userEntity(directory, user),
      })),
  });
}
