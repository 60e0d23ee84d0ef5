import { describe, expect, it } from 'vitest';
import { type Action, finalizer, gate, permit, type Verb } from './plan.ts';
import type { CommonSpec, ManagementPolicy, Metadata, Resource } from './resource.ts';

function resource(spec: CommonSpec, metadata: Partial<Metadata>): Resource<CommonSpec> {
  const base = {
    name: 'a',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'v1', kind: 'Toy', metadata: { ...base, ...metadata }, spec };
}

describe('gate', () => {
  const claimed = { finalizers: [finalizer, 'other'] };
  const deleted = { deletionTimestamp: '2026-01-02T00:00:00Z' };

  it.each([
    ['gone', undefined, 'nothing'],
    ['new', resource({}, {}), 'claim'],
    ['foreign finalizers only', resource({}, { finalizers: ['other'] }), 'claim'],
    ['claimed', resource({}, claimed), 'proceed'],
    ['suspended', resource({ suspend: true }, claimed), 'paused'],
    ['suspended and new', resource({ suspend: true }, {}), 'paused'],
    ['deleted', resource({}, { ...claimed, ...deleted }), 'proceed'],
    ['deleted while suspended', resource({ suspend: true }, { ...claimed, ...deleted }), 'proceed'],
    ['deleted, ours no more', resource({}, { ...deleted, finalizers: ['other'] }), 'nothing'],
  ] as const)('%s', (_, object, expected) => {
    expect(gate(object)).toBe(expected);
  });
});

function action(verb: Verb): Action {
  return { verb, name: verb, system: 'Toy', summary: verb };
}

describe('permit', () => {
  const all = (['intent', 'create', 'update', 'delete'] as const).map(action);
  const names = (policies: readonly ManagementPolicy[] | undefined): readonly string[] =>
    permit(all, policies).allowed.map((a) => a.name);

  it.each([
    [undefined, ['intent', 'create', 'update', 'delete']],
    [[], []],
    [['Observe'], []],
    [
      ['Observe', 'Create'],
      ['intent', 'create'],
    ],
    [['Observe', 'Update'], ['update']],
    [['Delete'], ['delete']],
  ] as const)('%j allows %j', (policies, expected) => {
    expect(names(policies)).toEqual(expected);
  });

  it('loses no action: what is not allowed is forbidden', () => {
    const { allowed, forbidden } = permit(all, ['Create']);
    expect(allowed.length + forbidden.length).toBe(all.length);
  });
});
