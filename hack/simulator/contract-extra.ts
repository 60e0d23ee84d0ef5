/** Calls of Graph that graph.md describes and the slice has no schema for (1.3, 17.9): written by hand from its text. */
import type { Operation, Schema } from './contract.ts';

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
  more: { readonly body?: Schema; readonly status: number; readonly answer?: Schema },
): Operation {
  return {
    method,
    template,
    query: new Map(),
    headers: new Map(),
    bodyRequired: more.body !== undefined,
    bodySchema: more.body,
    responses: new Map([[String(more.status), more.answer]]),
    permissions: {
      application: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
      delegated: ['Application.ReadWrite.All'],
    },
    throttle: { resourceUnits: 1, write: method === 'GET' ? 0 : 1, service: 'directory' },
  };
}

const CREATE: Schema = { ...WRITE, required: ['name', 'issuer', 'subject', 'audiences'] };

export const EXTRA_OPERATIONS: readonly Operation[] = APPLICATIONS.flatMap((application) => [
  operation('GET', `${application}/${PATH}`, { status: 200, answer: LIST }),
  operation('POST', `${application}/${PATH}`, { body: CREATE, status: 201, answer: READ }),
  operation('GET', `${application}/${ITEM}`, { status: 200, answer: READ }),
  operation('PATCH', `${application}/${ITEM}`, { body: WRITE, status: 204 }),
  operation('DELETE', `${application}/${ITEM}`, { status: 204 }),
]);
