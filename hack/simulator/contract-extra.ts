/** Calls of Graph that graph.md describes and the slice has no schema for (1.3, 10.2, 17.9): written by hand from its text. */
import type { Operation } from './contract.ts';
import type { Schema } from './contract-schemas.ts';

const STRING = { type: 'string' } as const;
const CREDENTIAL = {
  name: STRING,
  issuer: STRING,
  subject: STRING,
  audiences: { type: 'array', items: STRING },
  description: { type: ['string', 'null'] },
} as const;
const WRITE: Schema = {
  type: 'object',
  properties: { id: STRING, ...CREDENTIAL },
  patternProperties: { '^@odata\\.': {} },
  additionalProperties: false,
};
const READ: Schema = { ...WRITE, required: ['id', 'name', 'issuer', 'subject', 'audiences'] };
const LIST: Schema = {
  type: 'object',
  required: ['value'],
  properties: { value: { type: 'array', items: READ } },
};

const APPLICATIONS = ['/applications/{application-id}', "/applications(appId='{appId}')"];
const PATH = 'federatedIdentityCredentials';
const ITEM = `${PATH}/{federatedIdentityCredential-id}`;

function operation(
  method: string,
  template: string,
  more: Pick<Operation, 'permissions'> & {
    readonly body?: Schema;
    readonly status: number;
    readonly answer?: Schema;
    readonly cost: Pick<Operation['throttle'], 'resourceUnits' | 'write'>;
  },
): Operation {
  return {
    method,
    template,
    query: new Map(),
    headers: new Map(),
    bodyRequired: more.body !== undefined,
    bodySchema: more.body,
    responses: new Map([[String(more.status), more.answer]]),
    permissions: more.permissions,
    throttle: { ...more.cost, service: 'directory' },
  };
}

const CREATE: Schema = { ...WRITE, required: ['name', 'issuer', 'subject', 'audiences'] };
const APPLICATION_PERMISSIONS = {
  application: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
  delegated: ['Application.ReadWrite.All'],
} as const;
const READING = {
  permissions: APPLICATION_PERMISSIONS,
  cost: { resourceUnits: 1, write: 0 },
} as const;
const WRITING = { ...READING, cost: { resourceUnits: 1, write: 1 } } as const;

const CREDENTIAL_OPERATIONS = APPLICATIONS.flatMap((application) => [
  operation('GET', `${application}/${PATH}`, { ...READING, status: 200, answer: LIST }),
  operation('POST', `${application}/${PATH}`, {
    ...WRITING,
    body: CREATE,
    status: 201,
    answer: READ,
  }),
  operation('GET', `${application}/${ITEM}`, { ...READING, status: 200, answer: READ }),
  operation('PATCH', `${application}/${ITEM}`, { ...WRITING, body: WRITE, status: 204 }),
  operation('DELETE', `${application}/${ITEM}`, { ...WRITING, status: 204 }),
]);

/** Where an object is a member, all the way through (10.2). */
const IDS: Schema = {
  type: 'object',
  required: ['value'],
  properties: { value: { type: 'array', items: STRING } },
};
const MEMBER_PERMISSIONS = {
  application: ['Directory.Read.All', 'Directory.ReadWrite.All'],
  delegated: ['User.Read', 'Directory.Read.All'],
} as const;

function memberOperation(name: string, resourceUnits: number, property: object): Operation {
  const [required] = Object.keys(property);
  const body: Schema = {
    type: 'object',
    required: [required],
    properties: property,
    additionalProperties: false,
  };
  return operation('POST', `/users/{user-id}/${name}`, {
    permissions: MEMBER_PERMISSIONS,
    cost: { resourceUnits, write: 0 },
    body,
    status: 200,
    answer: IDS,
  });
}

const SECURITY_ONLY = { securityEnabledOnly: { type: ['boolean', 'null'] } };

export const EXTRA_OPERATIONS: readonly Operation[] = [
  ...CREDENTIAL_OPERATIONS,
  memberOperation('getMemberGroups', 2, SECURITY_ONLY),
  memberOperation('getMemberObjects', 2, SECURITY_ONLY),
  memberOperation('checkMemberObjects', 4, { ids: { type: 'array', items: STRING } }),
];
