/** The rules of CRDs on ours, and on planted offences. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kinds } from '../../operator/api/index.ts';
import { type Schema, schemaOffences } from './schema.ts';

const crds = join(import.meta.dirname, '..', '..', 'crds');

interface Definition {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

describe('our CRDs', () => {
  const files = readdirSync(crds).filter((name) => name.endsWith('.yaml'));

  it('are all looked at', () => {
    expect(files).toHaveLength(kinds.length);
  });

  it.each(files)('%s describes and bounds every field', (name) => {
    const { spec } = parse(readFileSync(join(crds, name), 'utf8')) as Definition;
    const offences = spec.versions.flatMap(({ schema }) => {
      const { spec: desired, status } = schema.openAPIV3Schema.properties ?? {};
      if (desired === undefined || status === undefined) throw new Error('no spec or no status');
      expect(status.properties).toHaveProperty('conditions');
      expect(status.properties).toHaveProperty('observedGeneration');
      // Who owns each of its fields was more than a quarter of what an object has to say.
      expect(status).toHaveProperty('x-kubernetes-map-type', 'atomic');
      return [...schemaOffences(desired, 'spec'), ...schemaOffences(status, 'status')];
    });
    expect(offences).toEqual([]);
  });
});

const text: Schema = { type: 'string', maxLength: 9, description: 'Text.' };
const list: Schema = {
  type: 'array',
  description: 'List.',
  maxItems: 3,
  items: { type: 'string', maxLength: 9 },
  'x-kubernetes-list-type': 'set',
};

function without(schema: Schema, key: keyof Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', description: 'All.', properties };
}

describe('a planted offence', () => {
  it.each<readonly [says: string, field: Schema]>([
    ['has no description', without(text, 'description')],
    ['without maxLength or enum', without(text, 'maxLength')],
    ['without maxItems', without(list, 'maxItems')],
    ['without a list type', without(list, 'x-kubernetes-list-type')],
    ['without keys', { ...list, 'x-kubernetes-list-type': 'map' }],
    ['without maxLength or enum', { ...list, items: { type: 'string' } }],
    ['is a float', { type: 'number', description: 'Price.' }],
    ['is an object without fields', { type: 'object', description: 'Any.' }],
    ['without maxProperties', { type: 'object', description: 'M.', additionalProperties: text }],
    ['free-form', { ...object({ text }), 'x-kubernetes-preserve-unknown-fields': true }],
    ['has the type undefined', { description: 'Any.' }],
    ['rule without a message', { ...text, 'x-kubernetes-validations': [{}] }],
  ])('%s is caught', (says, field) => {
    const offences = schemaOffences(object({ inner: object({ field }) }), 'spec');
    expect(offences.join('\n')).toContain(says);
    expect(offences.join('\n')).toContain('spec.inner.field');
  });

  it('phase is caught by its name', () => {
    expect(schemaOffences(object({ phase: text }), 'status')).toHaveLength(1);
  });

  it('is not seen where there is none', () => {
    const map: Schema = { ...without(text, 'maxLength'), type: 'object', maxProperties: 3 };
    const fields = { text, list, map: { ...map, additionalProperties: text } };
    expect(schemaOffences(object(fields), 'spec')).toEqual([]);
  });
});
