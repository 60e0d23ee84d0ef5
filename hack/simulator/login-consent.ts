/** An administrator of a customer lets an application in. */
import { recordAudit } from './directory/audit.ts';
import { adminConsent } from './directory/consent.ts';
import { findApplication, findServicePrincipal } from './directory/create.ts';
import type { Application, Directory } from './directory/directory.ts';
import { roleId } from './directory/well-known.ts';
import { findTenant } from './login-discovery.ts';
import { LoginError } from './login-errors.ts';
import type { ApiRequest, ApiResponse, World } from './world.ts';

/** The page at which an administrator of the customer would press "Accept"; here opening it is accepting. */
export function consent(world: World, request: ApiRequest, tenant: string): ApiResponse {
  const directory = findTenant(world, tenant);
  const found = findApplication(world, request.query.get('client_id') ?? '');
  if (!found) throw new LoginError(700016);
  const { application } = found;
  adminConsent(world, directory, application.appId, application.requiredPermissions);
  recordConsent(world, directory, application);
  const redirect = request.query.get('redirect_uri');
  if (redirect === null)
    return { status: 200, body: { admin_consent: 'True', tenant: directory.tenantId } };
  const location = new URL(redirect);
  location.searchParams.set('tenant', directory.tenantId);
  location.searchParams.set('admin_consent', 'True');
  const state = request.query.get('state');
  if (state !== null) location.searchParams.set('state', state);
  return { status: 302, headers: { location: location.href } };
}

function recordConsent(world: World, directory: Directory, application: Application): void {
  const principal = findServicePrincipal(directory, application.appId);
  const administrator = directory.roleAssignments
    .values()
    .filter(({ roleDefinitionId }) => roleDefinitionId === roleId('Global Administrator'))
    .map(({ principalId }) => directory.users.live(principalId))
    .find((user) => user !== undefined);
  if (!principal || !administrator) return;
  const { id: userId, userPrincipalName } = administrator;
  recordAudit(
    { world, directory, caller: { person: { userId, userPrincipalName } } },
    {
      activity: 'Consent to application',
      category: 'ApplicationManagement',
      targets: [{ id: principal.id, displayName: principal.displayName, type: 'ServicePrincipal' }],
    },
  );
}
