/** Domains (graph.md 6, 17.1). */
import { recordAudit } from '../directory/audit.ts';
import { newDomain } from '../directory/create.ts';
import type { Domain, Properties } from '../directory/directory.ts';
import { domainReferences, removeByForce } from '../directory/domain-removal.ts';
import { directoryApi } from '../directory/index.ts';
import { findDomain, groupEntity, userEntity } from '../directory/records.ts';
import { asText } from '../directory/text.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, conflict, notFound } from './errors.ts';
import { list, single } from './query.ts';

export const DOMAIN_HANDLERS: Handlers = {
  'GET /domains': listDomains,
  'POST /domains': addDomain,
  'GET /domains/{domain-id}': (call) => shown(call, requireDomain(call)),
  'PATCH /domains/{domain-id}': updateDomain,
  'DELETE /domains/{domain-id}': deleteDomain,
  'GET /domains/{domain-id}/verificationDnsRecords': verificationRecords,
  'GET /domains/{domain-id}/serviceConfigurationRecords': serviceRecords,
  'GET /domains/{domain-id}/domainNameReferences': listReferences,
  'GET /domains/{domain-id}/rootDomain': rootDomain,
  'POST /domains/{domain-id}/verify': verify,
  'POST /domains/{domain-id}/promote': promote,
  'POST /domains/{domain-id}/forceDelete': forceDelete,
};

const NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/;
const PATCHABLE = new Set([
  'id',
  'isDefault',
  'supportedServices',
  'authenticationType',
  'passwordNotificationWindowInDays',
  'passwordValidityPeriodInDays',
]);

export function requireDomain(call: Call): Domain {
  const name = parameter(call, 'domain-id');
  const domain = findDomain(call.directory, name);
  if (!domain) throw notFound(name);
  return domain;
}

export function recordDomain(call: Call, activity: string, domain: Domain): void {
  const target = { id: domain.id, displayName: domain.id, type: 'Domain' } as const;
  recordAudit(call, { activity, category: 'DirectoryManagement', targets: [target] });
}

function domainEntity(domain: Domain): Properties {
  const { federation: _, verificationText: __, removalMs, ...properties } = domain;
  return {
    ...properties,
    availabilityStatus: null,
    isAdminManaged: true,
    manufacturer: null,
    model: null,
    state: removalMs === undefined ? null : removalState(removalMs),
    supportedServices: domain.isVerified ? domain.supportedServices : [],
  };
}

function removalState(startedMs: number): Properties {
  const lastActionDateTime = new Date(startedMs).toISOString();
  return { operation: 'ForceDelete', status: 'InProgress', lastActionDateTime };
}

function shown(call: Call, domain: Domain, status = 200): ApiResponse {
  return single(call, { type: 'domain', set: 'domains', entity: domainEntity(domain), status });
}

function listDomains(call: Call): ApiResponse {
  const items = () => call.directory.domains.values().map(domainEntity);
  return list(call, { type: 'domain', set: 'domains', items });
}

/** The verified domain of this tenant above this one, if any. */
function parentOf(call: Call, name: string): Domain | undefined {
  return call.directory.domains
    .values()
    .find((domain) => domain.isVerified && domain.isRoot && name.endsWith(`.${domain.id}`));
}

function addDomain(call: Call): ApiResponse {
  const { world, directory, body } = call;
  const name = String(body['id']).toLowerCase();
  if (!NAME.test(name) || name.endsWith('.onmicrosoft.com')) {
    throw badRequest(`The domain name '${name}' is not valid.`);
  }
  const extra = Object.keys(body).find((key) => !PATCHABLE.has(key) && !key.startsWith('@odata.'));
  if (extra !== undefined) throw badRequest(`Property '${extra}' is read-only and cannot be set.`);
  if (directory.domains.has(name)) throw conflict('id');
  const parent = parentOf(call, name);
  const domain: Domain = {
    ...newDomain(world, name),
    isRoot: parent === undefined,
    isVerified: parent !== undefined,
    authenticationType: parent?.authenticationType ?? 'Managed',
  };
  directory.domains.set(name, domain);
  recordDomain(call, 'Add unverified domain', domain);
  return shown(call, domain, 201);
}

function updateDomain(call: Call): ApiResponse {
  const { directory, body } = call;
  const domain = requireDomain(call);
  checkDomainPatch(domain, body);
  if (body['isDefault'] === true) {
    for (const other of directory.domains.values()) other.isDefault = other === domain;
  }
  applyDomainValues(domain, body);
  recordDomain(call, 'Update domain', domain);
  return NO_CONTENT;
}

function checkDomainPatch(domain: Domain, body: Properties): void {
  if (!domain.isVerified) throw badRequest('The domain is not verified.');
  const fixed = Object.keys(body).find(
    (name) => !PATCHABLE.has(name) && !name.startsWith('@odata.'),
  );
  if (fixed !== undefined) throw badRequest(`Property '${fixed}' is read-only and cannot be set.`);
  const { isDefault, authenticationType = domain.authenticationType } = body;
  if (authenticationType !== domain.authenticationType) {
    throw badRequest('The authentication type is changed through federationConfiguration.');
  }
  if (isDefault === false && domain.isDefault) {
    throw badRequest('The default domain is changed by making another one the default.');
  }
  if (isDefault === true && domain.authenticationType === 'Federated') {
    throw badRequest('A federated domain cannot be the default domain.');
  }
}

function applyDomainValues(domain: Domain, body: Properties): void {
  const { passwordNotificationWindowInDays: notify, passwordValidityPeriodInDays: valid } = body;
  if (notify !== undefined) domain.passwordNotificationWindowInDays = notify as number | null;
  if (valid !== undefined) domain.passwordValidityPeriodInDays = valid as number | null;
  const services = body['supportedServices'];
  if (services !== undefined) domain.supportedServices = services as readonly string[];
}

function verificationRecords(call: Call): ApiResponse {
  const domain = requireDomain(call);
  const base = { isOptional: false, label: domain.id, supportedService: 'Email', ttl: 3600 };
  const value = [
    {
      '@odata.type': '#microsoft.graph.domainDnsTxtRecord',
      id: `aceff52c-06a5-447f-ac5f-256ad243cc5c`,
      ...base,
      recordType: 'Txt',
      text: domain.verificationText,
    },
    {
      '@odata.type': '#microsoft.graph.domainDnsMxRecord',
      id: `5fbde38c-0865-497f-82b1-126f596bcee9`,
      ...base,
      recordType: 'Mx',
      mailExchange: `${domain.verificationText.replace('MS=', '')}.msv1.invalid`,
      preference: 32767,
    },
  ];
  return {
    status: 200,
    body: { '@odata.context': contextUrl(`domains('${domain.id}')/verificationDnsRecords`), value },
  };
}

function serviceRecord(kind: string, label: string, supportedService: string): Properties {
  return {
    '@odata.type': `#microsoft.graph.domainDns${kind}Record`,
    id: `${kind}-${label}`,
    isOptional: false,
    label,
    recordType: kind === 'Cname' ? 'CName' : kind,
    supportedService,
    ttl: 3600,
  };
}

function serviceRecords(call: Call): ApiResponse {
  const domain = requireDomain(call);
  if (!domain.isVerified) throw badRequest('The domain is not verified.');
  const mailHost = `${domain.id.replaceAll('.', '-')}.mail.protection.outlook.com`;
  const records: Properties[] = [
    { ...serviceRecord('Mx', domain.id, 'Email'), mailExchange: mailHost, preference: 0 },
    {
      ...serviceRecord('Txt', domain.id, 'Email'),
      text: 'v=spf1 include:spf.protection.outlook.com -all',
    },
    {
      ...serviceRecord('Cname', `autodiscover.${domain.id}`, 'Email'),
      canonicalName: 'autodiscover.outlook.com',
    },
    {
      ...serviceRecord('Srv', `_sipfederationtls._tcp.${domain.id}`, 'OfficeCommunicationsOnline'),
      nameTarget: 'sipfed.online.lync.com',
      port: 5061,
      priority: 100,
      protocol: '_tcp',
      service: '_sipfederationtls',
      weight: 1,
    },
  ];
  const value = records.filter((record) =>
    domain.supportedServices.includes(asText(record['supportedService'])),
  );
  return {
    status: 200,
    body: {
      '@odata.context': contextUrl(`domains('${domain.id}')/serviceConfigurationRecords`),
      value,
    },
  };
}

function verify(call: Call): ApiResponse {
  const { world, directory } = call;
  const domain = requireDomain(call);
  if (domain.isVerified) return shown(call, domain);
  const isElsewhere = directoryApi.isDomainTaken(world, domain.id);
  if (isElsewhere) {
    throw badRequest('The domain is already in use by another organization.');
  }
  const texts = world.dns.get(domain.id) ?? [];
  if (!texts.includes(domain.verificationText)) {
    throw badRequest(
      'Domain verification failed with the following error: The DNS record was not found.',
    );
  }
  domain.isVerified = true;
  for (const other of directory.domains.values()) {
    if (other.id.endsWith(`.${domain.id}`)) other.isVerified = true;
  }
  recordDomain(call, 'Verify domain', domain);
  return shown(call, domain);
}

function promote(call: Call): ApiResponse {
  const domain = requireDomain(call);
  if (domain.isRoot) throw badRequest('The domain is a root domain already.');
  domain.isRoot = true;
  recordDomain(call, 'Promote domain', domain);
  return { status: 200, body: { '@odata.context': contextUrl('Edm.Boolean'), value: true } };
}

function references({ directory }: Call, domain: Domain): Properties[] {
  const { users, groups } = domainReferences(directory, domain);
  return [
    ...users.map((user) => ({
      '@odata.type': '#microsoft.graph.user',
      ...userEntity(directory, user),
    })),
    ...groups.map((group) => ({
      '@odata.type': '#microsoft.graph.group',
      ...groupEntity(directory, group),
    })),
  ];
}

function listReferences(call: Call): ApiResponse {
  const domain = requireDomain(call);
  return list(call, {
    type: 'directoryObject',
    set: 'directoryObjects',
    items: () => references(call, domain),
  });
}

function deleteDomain(call: Call): ApiResponse {
  const domain = requireDomain(call);
  if (domain.isInitial) throw badRequest('The initial domain cannot be deleted.');
  if (domain.isDefault) throw badRequest('The default domain cannot be deleted.');
  if (references(call, domain).length > 0) {
    throw badRequest('The domain cannot be deleted because it is referenced by other objects.');
  }
  call.directory.domains.delete(domain.id);
  recordDomain(
    call,
    domain.isVerified ? 'Remove verified domain' : 'Remove unverified domain',
    domain,
  );
  return NO_CONTENT;
}

const REFERENCES_MAX = 1_000;

/** Users and groups move to the initial domain and keep their names otherwise. */
function forceDelete(call: Call): ApiResponse {
  const { world, directory, body } = call;
  const domain = requireDomain(call);
  if (domain.isInitial || domain.isDefault) {
    throw badRequest('The initial domain and the default domain cannot be deleted.');
  }
  if (references(call, domain).length > REFERENCES_MAX) {
    throw badRequest(`The domain has more than ${REFERENCES_MAX} references.`);
  }
  removeByForce(world, directory, domain, body['disableUserAccounts'] === true);
  recordDomain(call, 'Remove verified domain', domain);
  return NO_CONTENT;
}

function rootDomain(call: Call): ApiResponse {
  const domain = requireDomain(call);
  return shown(call, domain.isRoot ? domain : (parentOf(call, domain.id) ?? domain));
}
