/** What administrators do to users. */
import { z } from 'zod';
import type { User } from '../directory/directory.ts';
import { findDomain } from '../directory/records.ts';
import { type Action, action, oneOf, people, type Scene } from './action.ts';

/** Id or user principal name. */
const user = z.string().min(1);
const OneUser = z.strictObject({ user });
const Assignment = z.strictObject({ user, skuId: z.guid() });

const DEPARTMENTS = ['Finance', 'Legal', 'Logistics', 'Marketing', 'Sales', 'Support'];

function pickUser(scene: Scene, isFit: (candidate: User) => boolean = () => true) {
  const picked = oneOf(people(scene).filter(isFit), scene.random);
  return picked && { user: picked.id };
}

const isEnabled = ({ properties }: User): boolean => properties['accountEnabled'] === true;
const directSku = ({ licenses }: User) =>
  licenses.find(({ assignedByGroup }) => assignedByGroup === undefined)?.skuId;

function change({ graph }: Scene, key: string, changes: Readonly<Record<string, unknown>>) {
  return graph('PATCH', `/users/${encodeURIComponent(key)}`, changes);
}

function newAccount({ directory, random }: Scene, nickname: string) {
  const domain = [...directory.domains.values()].find(({ isDefault }) => isDefault);
  return {
    accountEnabled: true,
    mailNickname: nickname,
    userPrincipalName: `${nickname}@${domain?.id ?? directory.initialDomain}`,
    usageLocation: directory.country,
    passwordProfile: { password: `Portal-${random.hex(12)}!` },
  };
}

/** A SKU with a seat left, and somebody without it who may have it. */
function pickAssignment(scene: Scene) {
  const { directory, random } = scene;
  const free = [...directory.subscriptions.values()].filter(
    ({ skuId, seats, status }) =>
      status === 'Enabled' && seats > (directory.seatsInUse.get(skuId) ?? 0),
  );
  const skuId = oneOf(free, random)?.skuId;
  const picked = pickUser(
    scene,
    ({ licenses, properties }) =>
      typeof properties['usageLocation'] === 'string' &&
      !licenses.some((license) => license.skuId === skuId),
  );
  return skuId === undefined || !picked ? undefined : { ...picked, skuId };
}

function pickAssigned(scene: Scene) {
  const picked = oneOf(
    people(scene).filter((candidate) => directSku(candidate) !== undefined),
    scene.random,
  );
  return picked && { user: picked.id, skuId: directSku(picked) ?? '' };
}

function setLicenses(scene: Scene, key: string, add: readonly string[], remove: readonly string[]) {
  return scene.graph('POST', `/users/${encodeURIComponent(key)}/assignLicense`, {
    addLicenses: add.map((skuId) => ({ skuId, disabledPlans: [] })),
    removeLicenses: remove,
  });
}

export const USER_ACTIONS = {
  changeUser: action({
    says: 'changes properties of a user',
    by: 'customer',
    parameters: z.strictObject({ user, changes: z.record(z.string(), z.unknown()) }),
    pick: (scene) => {
      const picked = pickUser(scene);
      const department = oneOf(DEPARTMENTS, scene.random);
      return picked && { ...picked, changes: { department } };
    },
    run: (scene, given) => change(scene, given.user, given.changes),
  }),
  disableUser: action({
    says: 'blocks sign-in of a user',
    by: 'customer',
    parameters: OneUser,
    pick: (scene) => pickUser(scene, isEnabled),
    run: (scene, given) => change(scene, given.user, { accountEnabled: false }),
  }),
  enableUser: action({
    says: 'allows sign-in of a user again',
    by: 'customer',
    parameters: OneUser,
    pick: (scene) => pickUser(scene, (candidate) => !isEnabled(candidate)),
    run: (scene, given) => change(scene, given.user, { accountEnabled: true }),
  }),
  renameUser: action({
    says: 'gives a user another user principal name',
    by: 'customer',
    parameters: z.strictObject({ user, userPrincipalName: z.string() }),
    pick: (scene) => {
      const picked = oneOf(people(scene), scene.random);
      const [, domain = ''] = picked?.userPrincipalName.split('@') ?? [];
      if (!picked || !findDomain(scene.directory, domain)) return undefined;
      return { user: picked.id, userPrincipalName: `renamed.${scene.random.hex(6)}@${domain}` };
    },
    run: (scene, { user: key, userPrincipalName }) => change(scene, key, { userPrincipalName }),
  }),
  deleteUser: action({
    says: 'deletes a user',
    by: 'customer',
    parameters: OneUser,
    pick: (scene) => pickUser(scene),
    run: ({ graph }, given) => graph('DELETE', `/users/${encodeURIComponent(given.user)}`),
  }),
  createUser: action({
    says: 'creates a user of the default domain',
    by: 'customer',
    parameters: z.strictObject({ nickname: z.string().min(1), displayName: z.string().min(1) }),
    pick: ({ random }) => {
      const nickname = `newcomer.${random.hex(6)}`;
      return { nickname, displayName: `Newcomer ${nickname.slice(-6)}` };
    },
    run: (scene, { nickname, displayName }) =>
      scene.graph('POST', '/users', { ...newAccount(scene, nickname), displayName }),
  }),
  createGuest: action({
    says: 'invites a guest with an address elsewhere',
    by: 'customer',
    parameters: z.strictObject({ mail: z.email() }),
    pick: ({ random }) => ({ mail: `guest.${random.hex(6)}@partner.example` }),
    run: (scene, { mail }) =>
      scene.graph('POST', '/invitations', {
        invitedUserEmailAddress: mail,
        inviteRedirectUrl: 'https://myapps.microsoft.com',
      }),
  }),
  setManager: action({
    says: 'gives a user another manager',
    by: 'customer',
    parameters: z.strictObject({ user, manager: z.guid() }),
    pick: (scene) => {
      const picked = pickUser(scene);
      const manager = pickUser(scene, ({ id }) => id !== picked?.user);
      return picked && manager && { ...picked, manager: manager.user };
    },
    run: ({ graph }, given) =>
      graph('PUT', `/users/${encodeURIComponent(given.user)}/manager/$ref`, {
        '@odata.id': `https://graph.microsoft.com/v1.0/users/${given.manager}`,
      }),
  }),
  removeManager: action({
    says: 'takes the manager of a user away',
    by: 'customer',
    parameters: OneUser,
    pick: (scene) => pickUser(scene, ({ managerId }) => managerId !== undefined),
    run: ({ graph }, given) =>
      graph('DELETE', `/users/${encodeURIComponent(given.user)}/manager/$ref`),
  }),
  revokeSessions: action({
    says: 'signs a user out everywhere',
    by: 'customer',
    parameters: OneUser,
    pick: (scene) => pickUser(scene),
    run: ({ graph }, given) =>
      graph('POST', `/users/${encodeURIComponent(given.user)}/revokeSignInSessions`),
  }),
  assignLicense: action({
    says: 'assigns a licence to a user',
    by: 'customer',
    parameters: Assignment,
    pick: pickAssignment,
    run: (scene, given) => setLicenses(scene, given.user, [given.skuId], []),
  }),
  removeLicense: action({
    says: 'takes a licence from a user',
    by: 'customer',
    parameters: Assignment,
    pick: pickAssigned,
    run: (scene, given) => setLicenses(scene, given.user, [], [given.skuId]),
  }),
} satisfies Record<string, Action>;
