/** federationConfiguration of a domain: having one makes it Federated (graph.md 6, 17.1; active-directory.md B5, B6). */
import type { Domain, Federation, Properties } from '../directory/directory.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { recordDomain, requireDomain } from './domains.ts';
import { badRequest, conflict, notFound } from './errors.ts';
import { list, single } from './query.ts';

export const FEDERATION_HANDLERS: Handlers = {
  'GET /domains/{domain-id}/federationConfiguration': listConfigurations,
  'POST /domains/{domain-id}/federationConfiguration': create,
  'GET /domains/{domain-id}/federationConfiguration/{internalDomainFederation-id}': (call) =>
    shown(call, requireConfiguration(call)),
  'PATCH /domains/{domain-id}/federationConfiguration/{internalDomainFederation-id}': update,
  'DELETE /domains/{domain-id}/federationConfiguration/{internalDomainFederation-id}': remove,
};

const REQUIRED = [
  'issuerUri',
  'passiveSignInUri',
  'preferredAuthenticationProtocol',
  'signingCertificate',
];

function shown(call: Call, federation: Federation, status = 200): ApiResponse {
  const entity = {
    '@odata.type': '#microsoft.graph.internalDomainFederation',
    id: federation.id,
    ...federation.properties,
  };
  return single(call, {
    type: 'internalDomainFederation',
    set: `domains('${requireDomain(call).id}')/federationConfiguration`,
    entity,
    status,
  });
}

function requireConfiguration(call: Call): Federation {
  const id = parameter(call, 'internalDomainFederation-id');
  const { federation } = requireDomain(call);
  if (federation?.id !== id) throw notFound(id);
  return federation;
}

function listConfigurations(call: Call): ApiResponse {
  const { federation } = requireDomain(call);
  return list(call, {
    type: 'internalDomainFederation',
    set: `domains('${requireDomain(call).id}')/federationConfiguration`,
    items: () => (federation ? [{ id: federation.id, ...federation.properties }] : []),
  });
}

function create(call: Call): ApiResponse {
  const domain = requireDomain(call);
  if (!domain.isVerified) throw badRequest('The domain is not verified.');
  if (domain.isInitial || domain.isDefault) {
    throw badRequest('The initial domain and the default domain cannot be federated.');
  }
  if (!domain.isRoot) throw badRequest('A subdomain has the federation of its root domain.');
  if (domain.federation) throw conflict('federationConfiguration');
  for (const name of REQUIRED) {
    if (typeof call.body[name] !== 'string')
      throw badRequest(
        `A value is required for property '${name}' of resource 'InternalDomainFederation'.`,
      );
  }
  checkValues(call, domain);
  const federation: Federation = {
    id: call.world.random.uuid(),
    properties: {
      federatedIdpMfaBehavior: 'acceptIfMfaDoneByFederatedIdp',
      ...withoutId(call.body),
    },
  };
  setFederation(call, domain, federation);
  recordDomain(call, 'Set federation settings on domain', domain);
  return shown(call, federation, 201);
}

function checkValues(call: Call, domain: Domain): void {
  const { issuerUri, signingCertificate } = call.body;
  if (typeof signingCertificate === 'string' && !isCertificate(signingCertificate)) {
    throw badRequest(
      'Property signingCertificate is invalid: it must be a base64 certificate without PEM header.',
    );
  }
  if (typeof issuerUri !== 'string') return;
  // The issuer is unique in all of Entra, not only in this tenant.
  const isTaken = call.world.directories
    .values()
    .flatMap((directory) => directory.domains.values())
    .some((other) => other !== domain && other.federation?.properties['issuerUri'] === issuerUri);
  if (isTaken) throw conflict('issuerUri');
}

function isCertificate(text: string): boolean {
  return text.length > 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
}

function withoutId(body: Properties): Properties {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => name !== 'id' && !name.startsWith('@odata.')),
  );
}

/** Subdomains follow their root. */
function setFederation(call: Call, domain: Domain, federation: Federation | undefined): void {
  domain.federation = federation;
  for (const other of call.directory.domains.values()) {
    const isBelow = !other.isRoot && other.id.endsWith(`.${domain.id}`);
    if (other === domain || isBelow)
      other.authenticationType = federation ? 'Federated' : 'Managed';
  }
}

function update(call: Call): ApiResponse {
  const domain = requireDomain(call);
  const federation = requireConfiguration(call);
  checkValues(call, domain);
  const next = {
    id: federation.id,
    properties: { ...federation.properties, ...withoutId(call.body) },
  };
  domain.federation = next;
  recordDomain(call, 'Set federation settings on domain', domain);
  return shown(call, next);
}

function remove(call: Call): ApiResponse {
  const domain = requireDomain(call);
  requireConfiguration(call);
  setFederation(call, domain, undefined);
  recordDomain(call, 'Set domain authentication', domain);
  return NO_CONTENT;
}
