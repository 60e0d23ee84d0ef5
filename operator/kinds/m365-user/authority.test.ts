/** The table of authority.ts, and what comes of it over any values of both directories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nowMs, user } from '../../../hack/testing/build.ts';
import { anchor } from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { shown } from '../../../hack/testing/plan-checks.ts';
import { type AuthorityRule, type SharedField, sharedFields } from '../../api/authority.ts';
import type { M365User } from '../../core/objects.ts';
import type { UserAction } from './actions.ts';
import { sharedAttributes } from './desired.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

type Source = AuthorityRule['source'];
type Fields = Partial<Record<SharedField, string>>;

/** Both accounts, as they stand outside. */
interface World {
  readonly directory: Record<string, string>;
  readonly entra: Record<string, unknown>;
  status: NonNullable<M365User['status']>;
}

const names = { displayName: 'Mia Muster' };

function world(directory: Fields, entra: Fields): World {
  const attributes = Object.entries({ ...names, ...directory }).map(([field, value]) => [
    sharedAttributes[field as SharedField],
    value,
  ]);
  const { businessPhone, ...rest } = entra;
  const phones = businessPhone === undefined ? {} : { businessPhones: [businessPhone] };
  return {
    directory: Object.fromEntries(attributes),
    entra: { ...names, ...rest, ...phones },
    status: {},
  };
}

function look(
  { directory, entra, status }: World,
  spec: Fields,
  authority: readonly AuthorityRule[],
) {
  const person = user({ spec, status });
  const observed: ObservedUser = observedUser({
    directoryMode: 'Managed',
    organizationalUnit: 'OU=contoso,OU=Customers,DC=corp,DC=example',
    samAccountName: 'mia',
    authority,
    activeDirectory: adAccount({ attributes: directory }),
    entra: entraUser({ ...entra, onPremisesImmutableId: anchor }),
  });
  return planUser(person, observed, nowMs);
}

interface Written {
  readonly directory: Set<string>;
  readonly entra: Set<string>;
}

function carryOut(action: UserAction, now: World, written: Written): void {
  if (action.name === 'UpdateAdAccount') {
    const { attributes = {} } = action.patch;
    for (const name of Object.keys(attributes)) written.directory.add(name);
    Object.assign(now.directory, attributes);
  }
  if (action.name === 'UpdateEntraUser') {
    for (const name of Object.keys(action.patch)) written.entra.add(name);
    Object.assign(now.entra, action.patch);
  }
}

/** Carries plans out as both directories do, until nothing is left. What was written, by directory. */
function settle(now: World, spec: Fields, authority: readonly AuthorityRule[]) {
  const written: Written = { directory: new Set(), entra: new Set() };
  for (let round = 0; round < 4; round += 1) {
    const plan = look(now, spec, authority);
    now.status = { ...now.status, ...plan.status };
    const writes = plan.actions.filter(({ name }) => name !== 'ReportDrift');
    if (writes.length === 0) return { written, plan };
    for (const action of writes) carryOut(action, now, written);
  }
  throw new Error('it did not settle in four rounds');
}

function valueOf(now: World, field: SharedField) {
  const phones = now.entra['businessPhones'] as readonly string[] | undefined;
  const entra = field === 'businessPhone' ? phones?.[0] : now.entra[field];
  return [now.directory[sharedAttributes[field]], entra];
}

type Value = string | undefined;
type Row = readonly [Source | undefined, Value, Value, Value, readonly Value[]];

describe('a job title', () => {
  const field = 'jobTitle';
  const of = (value: string | undefined): Fields => (value === undefined ? {} : { [field]: value });

  it.each<Row>([
    [undefined, 'git', 'ad', 'entra', ['git', 'git']],
    [undefined, undefined, 'ad', 'entra', ['ad', 'entra']],
    ['Git', 'git', 'ad', 'entra', ['git', 'git']],
    ['ActiveDirectory', 'git', 'ad', 'entra', ['ad', 'ad']],
    ['ActiveDirectory', 'git', undefined, 'entra', [undefined, 'entra']],
    ['ActiveDirectory', undefined, 'ad', undefined, ['ad', 'ad']],
    ['Entra', 'git', 'ad', 'entra', ['entra', 'entra']],
    ['Entra', 'git', 'ad', undefined, ['ad', undefined]],
    ['FirstWriter', 'git', undefined, undefined, ['git', 'git']],
    ['FirstWriter', 'git', 'ad', undefined, ['ad', 'ad']],
    ['FirstWriter', 'git', undefined, 'entra', ['entra', 'entra']],
    ['FirstWriter', 'git', 'same', 'same', ['same', 'same']],
    ['FirstWriter', 'git', 'ad', 'entra', ['ad', 'entra']],
    ['FirstWriter', undefined, undefined, undefined, [undefined, undefined]],
  ])('of %s (declared %s, in AD %s, in Entra %s)', (source, git, ad, entra, expected) => {
    const now = world(of(ad), of(entra));
    const { plan } = settle(now, of(git), source === undefined ? [] : [{ field, source }]);
    expect(valueOf(now, field)).toEqual(expected);
    const isConflict =
      source === 'FirstWriter' && ad !== undefined && entra !== undefined && ad !== entra;
    expect(shown(plan, 'AuthorityConflict')).toBe(isConflict ? 'True ValuesDiffer' : undefined);
  });

  it('of Active Directory follows each change there, and is set back in Entra as drift', () => {
    const authority: readonly AuthorityRule[] = [{ field, source: 'ActiveDirectory' }];
    const now = world(of('one'), of('one'));
    settle(now, {}, authority);
    now.directory['title'] = 'two';
    expect(look(now, {}, authority).status.drift).toBeUndefined();
    settle(now, {}, authority);
    expect(valueOf(now, field)).toEqual(['two', 'two']);
    now.entra[field] = 'other';
    const found = look(now, {}, authority);
    expect(found.status.drift).toMatchObject([{ path: field, declared: 'two', actual: 'other' }]);
    settle(now, {}, authority);
    expect(valueOf(now, field)).toEqual(['two', 'two']);
  });

  it.each(['directory', 'entra'] as const)(
    'of the first writer stays when somebody changes it in one: %s',
    (side) => {
      const authority: readonly AuthorityRule[] = [{ field, source: 'FirstWriter' }];
      const now = world({}, of('first'));
      settle(now, of('git'), authority);
      now[side][side === 'entra' ? field : 'title'] = 'second';
      const { plan } = settle(now, of('git'), authority);
      expect([valueOf(now, field), shown(plan, 'AuthorityConflict')]).toEqual([
        ['first', 'first'],
        undefined,
      ]);
    },
  );

  it('of an account that a sync server owns, or that is to be made, is Git’s', () => {
    const authority: readonly AuthorityRule[] = [{ field, source: 'Entra' }];
    const observed = observedUser({
      directoryMode: 'Managed',
      authority,
      organizationalUnit: 'OU=contoso,OU=Customers,DC=corp,DC=example',
      samAccountName: 'mia',
      entra: undefined,
    });
    const plan = planUser(user({ spec: of('git') }), observed, nowMs);
    expect(plan.actions).toMatchObject([{ name: 'CreateAdAccount' }]);
  });
});

/** One letter is enough to differ; fields of one class behave alike. */
const value = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });
const some = fc.constantFrom<SharedField>(
  'jobTitle',
  'businessPhone',
  'city',
  'country',
  'employeeId',
);
const source = fc.constantFrom<Source>('Git', 'ActiveDirectory', 'Entra', 'FirstWriter');
const field = fc.record({ name: some, source, git: value, ad: value, entra: value });

it('settles over any values; an authority is never written; what it says stands in both', () => {
  fc.assert(
    fc.property(fc.uniqueArray(field, { selector: ({ name }) => name }), (fields) => {
      const pick = (of: 'git' | 'ad' | 'entra'): Fields =>
        Object.fromEntries(
          fields.flatMap((one) => (one[of] === undefined ? [] : [[one.name, one[of]]])),
        );
      const now = world(pick('ad'), pick('entra'));
      const rules = fields.map(({ name, source }) => ({ field: name, source }));
      const { written } = settle(now, pick('git'), rules);
      for (const { name, source, git, ad, entra } of fields) {
        const inEntra = name === 'businessPhone' ? 'businessPhones' : name;
        if (source === 'ActiveDirectory')
          expect(written.directory.has(sharedAttributes[name])).toBe(false);
        if (source === 'Entra') expect(written.entra.has(inEntra)).toBe(false);
        const word = { Git: git, ActiveDirectory: ad, Entra: entra, FirstWriter: undefined }[
          source
        ];
        if (word !== undefined) expect(valueOf(now, name)).toEqual([word, word]);
        if (source === 'FirstWriter' && ad !== undefined && entra !== undefined) {
          expect(valueOf(now, name)).toEqual([ad, entra]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('every shared field has a name of its own in Active Directory', () => {
  expect(new Set(Object.values(sharedAttributes)).size).toBe(sharedFields.length);
});

describe('an attribute that the schema lacks', () => {
  const attributes = { extensionAttribute1: 'x', info: 'y' };
  const person = user({ spec: { activeDirectory: { attributes } } });
  const seen = (written: Record<string, string>) =>
    observedUser({
      directoryMode: 'Managed',
      missingAttributes: ['extensionAttribute1'],
      activeDirectory: adAccount({ attributes: { ...names, ...written } }),
      entra: entraUser({ onPremisesImmutableId: anchor }),
    });

  it('is not written, and the rest is', () => {
    const plan = planUser(person, seen({}), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateAdAccount', patch: { attributes: { info: 'y' } } },
    ]);
    expect(JSON.stringify(plan.actions)).not.toContain('extensionAttribute1');
  });

  it('keeps the account from being as declared, by name', () => {
    const plan = planUser(person, seen({ info: 'y' }), nowMs);
    expect(plan.actions).toEqual([]);
    expect(shown(plan, 'Ready')).toBe('False SchemaLacksAttribute');
    expect(JSON.stringify(plan.conditions)).toContain('extensionAttribute1');
  });
});
