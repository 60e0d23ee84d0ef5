import { describe, expect, it } from 'vitest';
import { deleted, ids, tenant, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser } from '../../../hack/testing/observed.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { DeletedUser, EntraUser } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import { findEntra } from './entra-lookup.ts';
import type { Look } from './look.ts';

interface World {
  /** In the view. */
  readonly known?: readonly EntraUser[];
  /** Shown by key only. */
  readonly fresh?: readonly EntraUser[];
  readonly bin?: readonly DeletedUser[];
  readonly removedLately?: readonly string[];
  /** A sync server handed over, and is gone. */
  readonly wasHandedOver?: boolean;
  /** By object id. */
  readonly owners?: Readonly<Record<string, string>>;
}

const mine = 'acme/mia';
const other = entraUser({ id: ids.manager, userPrincipalName: 'other@contoso.example' });
const inBin = (owner: string | undefined, more: Partial<EntraUser> = {}): DeletedUser => ({
  user: entraUser(more),
  owner,
  deletedAtMs: 1,
});

async function find(resource: M365User, world: World, account?: AdAccount) {
  const asked: string[] = [];
  const users = new Map((world.known ?? []).map((known) => [known.id, known]));
  const named = (all: Iterable<EntraUser>, key: string) =>
    [...all].find(({ id, userPrincipalName }) => id === key || userPrincipalName === key);
  const view = {
    user: (id: string) => users.get(id),
    users: () => users.values(),
    userByPrincipalName: (name: string) => named(users.values(), name),
    usersByAnchor: (anchor: string) =>
      [...users.values()].filter(({ onPremisesImmutableId }) => onPremisesImmutableId === anchor),
    recordUser: (id: string, found: EntraUser) => users.set(id, found),
    isRemovedLately: (id: string) => world.removedLately?.includes(id) === true,
    deletedUsers: () => {
      asked.push('bin');
      return Promise.resolve(world.bin ?? []);
    },
  };
  const graph = {
    getUser: (key: string) => {
      asked.push(key);
      return Promise.resolve(named(world.fresh ?? [], key));
    },
    ownerOf: (id: string) => {
      asked.push(`owner of ${id}`);
      return Promise.resolve(world.owners?.[id]);
    },
  };
  const handOver = { report: 'r', confirmed: true, done: world.wasHandedOver === true } as never;
  const resourceTenant = tenant({ status: { tenantId: ids.tenant, handOver } });
  const access = { tenant: resourceTenant, tenantId: ids.tenant, clients: { graph: () => graph } };
  const look = { user: resource, access, view, signal: new AbortController().signal };
  return { found: await findEntra(look as unknown as Look, account), asked };
}

const recorded = user({ status: { entraId: ids.user } });

describe('the account in Entra', () => {
  it('of our record is read from memory, whatever its name', async () => {
    const renamed = entraUser({ userPrincipalName: 'someone@contoso.example' });
    const { found, asked } = await find(recorded, { known: [renamed, other] });
    expect(found).toEqual({ entra: renamed, origin: 'Recorded' });
    expect(asked).toEqual([]);
  });

  it('of our record that was deleted is found in the recycle bin', async () => {
    const { found } = await find(recorded, { bin: [inBin(undefined)] });
    expect(found).toMatchObject({ origin: 'Recorded', deleted: { id: ids.user } });
  });

  it('in the recycle bin whose name somebody has by now is not restored', async () => {
    const usurper = entraUser({ id: ids.account });
    const { found } = await find(recorded, { known: [usurper], bin: [inBin(undefined)] });
    expect(found.refusal).toBe('AmbiguousMatch');
    expect(found.candidates?.map(({ id }) => id)).toEqual([ids.user, ids.account]);
  });

  it('that was removed a moment ago is waited for, and no second one is made', async () => {
    const { found } = await find(recorded, { removedLately: [ids.user] });
    expect(found.refusal).toBe('LookingForAccount');
  });

  it('of a person who is declared again a moment after its removal is waited for', async () => {
    const { found } = await find(user(), { removedLately: ['mia@contoso.example'] });
    expect(found.refusal).toBe('LookingForAccount');
  });

  it('that a replayed removal hid is found by its id', async () => {
    const { found } = await find(recorded, { fresh: [entraUser()] });
    expect(found).toMatchObject({ entra: { id: ids.user }, origin: 'Recorded' });
  });

  it('that is gone for good is looked for as a new one', async () => {
    const { found, asked } = await find(recorded, {});
    expect(found).toEqual({ entra: undefined });
    expect(asked).toEqual(['bin', ids.user, 'bin']);
  });

  it('that we made and never recorded is known by its mark', async () => {
    const { found } = await find(user(), { known: [entraUser()], owners: { [ids.user]: mine } });
    expect(found).toMatchObject({ entra: { id: ids.user }, origin: 'Made' });
  });

  it('that we made and never recorded is known by the anchor of our account in Active Directory', async () => {
    const entra = entraUser({ onPremisesImmutableId: adAccount().anchor });
    const { found, asked } = await find(user(), { known: [entra] }, adAccount());
    expect(found.origin).toBe('Made');
    expect(asked).toEqual([]);
  });

  it('of another object of ours is not taken over where the policy forbids it', async () => {
    const never = user({ spec: { adoptionPolicy: 'Never' } });
    const world = { known: [entraUser()], owners: { [ids.user]: 'acme/other' } };
    expect((await find(never, world)).found.refusal).toBe('UserPrincipalNameTaken');
  });

  it('that entraId names is taken, whatever its name and policy', async () => {
    const spec = { entraId: ids.manager, adoptionPolicy: 'Never' as const };
    const { found } = await find(user({ spec }), { known: [entraUser()], fresh: [other] });
    expect(found).toEqual({ entra: other, origin: 'Declared' });
    expect((await find(user({ spec }), {})).found.refusal).toBe('EntraIdNotFound');
  });

  it('is not exchanged for another', async () => {
    const changed = user({ spec: { entraId: ids.manager }, status: { entraId: ids.user } });
    const { found } = await find(changed, { known: [entraUser(), other] });
    expect(found.refusal).toBe('EntraIdDiffers');
  });

  it('of a person who is declared again is restored, where we made it for this object', async () => {
    const older = { ...inBin(mine, { id: ids.account }), deletedAtMs: 0 };
    const bin = [older, inBin(mine), inBin('acme/other', { id: ids.manager })];
    expect((await find(user(), { bin })).found).toMatchObject({
      origin: 'Made',
      deleted: { id: ids.user },
    });
    const foreign = [inBin(undefined), inBin(mine, { userPrincipalName: 'x@contoso.example' })];
    expect((await find(user(), { bin: foreign })).found).toEqual({ entra: undefined });
  });

  it('that was paired by mail is taken over, once a sync server handed over', async () => {
    const mail = 'Mia@mail.example';
    const account = adAccount({ ownerUid: undefined, attributes: { mail } });
    const paired = { ...other, mail: mail.toLowerCase() };
    const origin = async (known: EntraUser, wasHandedOver: boolean, found = account) =>
      (await find(user(), { known: [known], wasHandedOver }, found)).found.origin;
    expect(await origin(paired, true)).toBe('Mail');
    expect(await origin(paired, false)).toBeUndefined();
    expect(await origin({ ...paired, mail: 'max@mail.example' }, true)).toBeUndefined();
    expect(await origin({ ...paired, onPremisesImmutableId: 'other' }, true)).toBeUndefined();
    expect(await origin(paired, true, { ...account, ownerUid: 'uid-mia' })).toBeUndefined();
    expect(await origin(paired, true, { ...account, attributes: {} })).toBeUndefined();
  });

  it('is not asked for by name before a create, which is refused where the name is taken', async () => {
    const { found, asked } = await find(user(), { fresh: [entraUser()] });
    expect(found).toEqual({ entra: undefined });
    expect(asked).toEqual(['bin']);
  });

  it('is asked for by name before a restore, which would bring it back under another one', async () => {
    const world = { fresh: [entraUser({ id: ids.account })], bin: [inBin(mine)] };
    const { found } = await find(user({ spec: { adoptionPolicy: 'Never' } }), world);
    expect(found.refusal).toBe('UserPrincipalNameTaken');
  });

  it('is asked for by name before an invitation, which another one of the same guest answers', async () => {
    const { asked } = await find(user({ spec: { type: 'Guest' } }), {});
    expect(asked).toEqual(['bin', 'mia@contoso.example']);
  });
});

describe('deleting without a record', () => {
  it('acts upon the account of exactly its name only where it is proved to be ours', async () => {
    const leaving = deleted(user());
    const world = { fresh: [entraUser()] };
    const proved = await find(leaving, { ...world, owners: { [ids.user]: mine } });
    expect(proved.found).toMatchObject({ entra: { id: ids.user }, origin: 'Made' });
    expect((await find(leaving, world)).found.entra).toBeUndefined();
  });

  it('with a record looks for nothing else', async () => {
    const { found, asked } = await find(deleted(recorded), { known: [other] });
    expect([found.entra, asked]).toEqual([undefined, []]);
  });
});
