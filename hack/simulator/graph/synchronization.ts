/** Who masters the directory: the tenant's synchronization and a user's source of authority (graph.md 2.6). */
import { typeProperties } from '../contract-schemas.ts';
import { recordAudit } from '../directory/audit.ts';
import type { Directory, Properties } from '../directory/directory.ts';
import { saveUser } from '../directory/records.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, notFound } from './errors.ts';
import { list, single } from './query.ts';
import { requireUser, requireWritableUser, userTarget } from './users.ts';

export const SYNCHRONIZATION_HANDLERS: Handlers = {
  'GET /directory/onPremisesSynchronization': listSynchronization,
  'PATCH /directory/onPremisesSynchronization/{onPremisesDirectorySynchronization-id}': update,
  'GET /users/{user-id}/onPremisesSyncBehavior': getBehavior,
  'PATCH /users/{user-id}/onPremisesSyncBehavior': setBehavior,
};

const DEFAULT_PREVENTION = {
  synchronizationPreventionType: 'enabledForCount',
  alertThreshold: 500,
} as const;

function entity({ tenantId, synchronization }: Directory): Properties {
  const names = Object.keys(typeProperties('onPremisesDirectorySynchronizationFeature'));
  const features = Object.fromEntries(names.map((name) => [name, false]));
  return {
    id: tenantId,
    configuration: {
      accidentalDeletionPrevention: { ...DEFAULT_PREVENTION, ...synchronization.prevention },
    },
    features: { ...features, ...synchronization.features },
  };
}

function listSynchronization(call: Call): ApiResponse {
  return list(call, {
    type: 'onPremisesDirectorySynchronization',
    set: 'directory/onPremisesSynchronization',
    items: () => [entity(call.directory)],
  });
}

function update(call: Call): ApiResponse {
  const { directory, body } = call;
  const id = parameter(call, 'onPremisesDirectorySynchronization-id').toLowerCase();
  if (id !== directory.tenantId) throw notFound(id);
  const { features, configuration } = body as {
    readonly features?: Properties;
    readonly configuration?: { readonly accidentalDeletionPrevention?: Properties } | null;
  };
  Object.assign(directory.synchronization.features, features);
  const { prevention } = directory.synchronization;
  Object.assign(prevention, configuration?.accidentalDeletionPrevention);
  recordAudit(call, {
    activity: 'Set DirSync feature',
    category: 'DirectoryManagement',
    targets: [{ id, displayName: directory.displayName, type: 'Other' }],
  });
  return NO_CONTENT;
}

function getBehavior(call: Call): ApiResponse {
  const user = requireUser(call);
  return single(call, {
    type: 'onPremisesSyncBehavior',
    set: `users('${user.id}')/onPremisesSyncBehavior`,
    entity: { id: user.id, isCloudManaged: user.properties['onPremisesSyncEnabled'] !== true },
  });
}

/** Only who is synced, or was, has a source of authority to move; `false` says "was synced once". */
function setBehavior(call: Call): ApiResponse {
  const user = requireWritableUser(call);
  const { isCloudManaged } = call.body;
  const synced = user.properties['onPremisesSyncEnabled'];
  if (typeof synced !== 'boolean') {
    throw badRequest('The source of authority of an object that was never synced is the cloud.');
  }
  if (typeof isCloudManaged !== 'boolean' || isCloudManaged === !synced) return NO_CONTENT;
  const next = {
    ...user,
    properties: { ...user.properties, onPremisesSyncEnabled: !isCloudManaged },
  };
  saveUser(call.directory, next);
  const modified = [{ name: 'DirSyncEnabled', before: synced, after: !isCloudManaged }];
  recordAudit(call, {
    activity: 'Update user',
    category: 'UserManagement',
    targets: [userTarget(next, modified)],
  });
  return NO_CONTENT;
}
