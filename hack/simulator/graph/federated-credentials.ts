/** Whose tokens an app accepts instead of a secret (graph.md 1.3). They live where the app is registered. */
import { recordAudit } from '../directory/audit.ts';
import type { Application, FederatedCredential, Properties } from '../directory/directory.ts';
import { asText } from '../directory/text.ts';
import { derivedUuid } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, GraphError, invalidValue, notFound } from './errors.ts';

const APPLICATIONS = ['/applications/{application-id}', "/applications(appId='{appId}')"];
const PATH = 'federatedIdentityCredentials';
const ITEM = `${PATH}/{federatedIdentityCredential-id}`;

export const FEDERATED_CREDENTIAL_HANDLERS: Handlers = Object.assign(
  {},
  ...APPLICATIONS.map(
    (application): Handlers => ({
      [`GET ${application}/${PATH}`]: listCredentials,
      [`POST ${application}/${PATH}`]: create,
      [`GET ${application}/${ITEM}`]: (call) => shown(call, requireCredential(call)),
      [`PATCH ${application}/${ITEM}`]: update,
      [`DELETE ${application}/${ITEM}`]: remove,
    }),
  ),
) as Handlers;

const CREDENTIALS_MAX = 20;
/** An issuer publishes its keys; a rehearsal may have one on its own machine. */
const ISSUER = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:|\/|$))/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/;

/** The object id of a registration, which is not its app id. */
export function applicationObjectId(appId: string): string {
  return derivedUuid(`application/${appId}`);
}

function requireApplication(call: Call): Application {
  const { applications } = call.directory;
  const key = (call.parameters['appId'] ?? call.parameters['application-id'] ?? '').toLowerCase();
  const found = call.parameters['appId']
    ? applications.get(key)
    : applications.values().find(({ appId }) => applicationObjectId(appId) === key);
  if (!found) throw notFound(key);
  return found;
}

function requireCredential(call: Call): FederatedCredential {
  const key = parameter(call, 'federatedIdentityCredential-id');
  const { federatedCredentials } = requireApplication(call);
  const found = federatedCredentials.find(({ id, name }) => id === key || name === key);
  if (!found) throw notFound(key);
  return found;
}

function entity(credential: FederatedCredential): Properties {
  const { id, name, issuer, subject, audiences, description } = credential;
  return { id, name, issuer, subject, audiences, description };
}

function listCredentials(call: Call): ApiResponse {
  const { appId, federatedCredentials } = requireApplication(call);
  const context = contextUrl(`applications('${applicationObjectId(appId)}')/${PATH}`);
  const value = federatedCredentials.map(entity);
  return { status: 200, body: { '@odata.context': context, value } };
}

function shown(call: Call, credential: FederatedCredential, status = 200): ApiResponse {
  const { appId } = requireApplication(call);
  const context = contextUrl(`applications('${applicationObjectId(appId)}')/${PATH}/$entity`);
  return { status, body: { '@odata.context': context, ...entity(credential) } };
}

function create(call: Call): ApiResponse {
  const { world, body } = call;
  const application = requireApplication(call);
  if (application.federatedCredentials.length >= CREDENTIALS_MAX) {
    throw new GraphError(403, 'Directory_QuotaExceeded', 'No more than 20 credentials per app.');
  }
  const credential = checked(application, {
    id: world.random.uuid(),
    name: asText(body['name']),
    issuer: asText(body['issuer']),
    subject: asText(body['subject']),
    audiences: body['audiences'] as readonly string[],
    description: asText(body['description']) || null,
    jwks: undefined,
  });
  application.federatedCredentials.push(credential);
  record(call, application);
  return shown(call, credential, 201);
}

/** @throws GraphError 400, 409 */
function checked(application: Application, credential: FederatedCredential): FederatedCredential {
  if (!NAME.test(credential.name)) throw invalidValue('name');
  if (!ISSUER.test(credential.issuer)) throw invalidValue('issuer');
  if (credential.subject === '') throw invalidValue('subject');
  if (credential.audiences.length !== 1) throw invalidValue('audiences');
  const others = application.federatedCredentials.filter(({ id }) => id !== credential.id);
  const isTaken = others.some(
    ({ name, issuer, subject }) =>
      name === credential.name || (issuer === credential.issuer && subject === credential.subject),
  );
  if (!isTaken) return credential;
  throw new GraphError(
    409,
    'Request_MultipleObjectsWithSameKeyValue',
    'FederatedIdentityCredential with this name, or this issuer and subject, already exists.',
  );
}

function update(call: Call): ApiResponse {
  const application = requireApplication(call);
  const known = requireCredential(call);
  const { name, id: _, ...given } = call.body;
  if (name !== undefined && name !== known.name) {
    throw badRequest("Property 'name' cannot be changed.");
  }
  // Keys of another issuer are other keys.
  const isMoved = given['issuer'] !== undefined && given['issuer'] !== known.issuer;
  const next = checked(application, {
    ...known,
    ...(given as Partial<FederatedCredential>),
    jwks: isMoved ? undefined : known.jwks,
  });
  application.federatedCredentials.splice(application.federatedCredentials.indexOf(known), 1, next);
  record(call, application);
  return NO_CONTENT;
}

function remove(call: Call): ApiResponse {
  const application = requireApplication(call);
  const known = requireCredential(call);
  application.federatedCredentials.splice(application.federatedCredentials.indexOf(known), 1);
  record(call, application);
  return NO_CONTENT;
}

function record(call: Call, { appId, displayName }: Application): void {
  recordAudit(call, {
    activity: 'Update application',
    category: 'ApplicationManagement',
    targets: [{ id: applicationObjectId(appId), displayName, type: 'Other' }],
  });
}
