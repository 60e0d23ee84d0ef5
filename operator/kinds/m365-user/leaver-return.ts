/** A person who is back: the last lines of leaver.ts's table. Pure. */
import type { LeaverStatus } from '../../api/user-leaver.ts';
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import { iso } from '../leaver-clock.ts';
import * as act from './actions.ts';
import { type LeaverPart, stays } from './leaver-part.ts';
import type { NamedGroup, ObservedUser } from './observed.ts';
import { isBeingMade, passwordSides, settingsOf } from './password-rotation.ts';

/** What was taken away comes back; licences and declared groups come by themselves, as for anybody. */
export function returning(
  user: M365User,
  observed: ObservedUser,
  { before, nowMs }: { readonly before: LeaverStatus; readonly nowMs: number },
): LeaverPart {
  const { entra, activeDirectory } = observed;
  if (entra === undefined || isBeingMade(observed)) return { ...stays, status: before };
  const newPassword = passwordOnReturn(user, observed, before);
  const roles = rolesOnReturn(observed, before, nowMs);
  const left = leftOf(newPassword.left, roles);
  return {
    actions: isSettled(left, before)
      ? []
      : [
          ...observed.lostMemberships.map((group) => joined(entra.id, group)),
          ...lostInDirectory(observed, before).map(({ id }) =>
            act.rejoinAdGroup(activeDirectory?.objectGuid ?? '', id),
          ),
          ...newPassword.actions,
          act.forgetLeaver(left),
        ],
    conditions: [
      ...(newPassword.left === undefined ? [] : [passwordUnknown]),
      ...(roles === undefined ? [] : [rolesByHand]),
    ],
    status: before,
    lookAtMs: roles === undefined ? undefined : Date.parse(roles.returnedAt) + namedMs,
  };
}

interface LostRoles {
  readonly roles: NonNullable<LeaverStatus['roles']>;
  readonly returnedAt: string;
}

/** So long the roles of before are named, for whoever gives them. */
const namedMs = 30 * 24 * 60 * 60_000;

const rolesByHand = condition(
  'RolesReturned',
  'False',
  'AssignByHand',
  'roles that the person had are not given back from here, because the operator makes nobody an administrator: see status.leaver.roles',
);

function rolesOnReturn(
  { protection }: ObservedUser,
  { roles = [], returnedAt }: LeaverStatus,
  nowMs: number,
): LostRoles | undefined {
  const isOver = returnedAt !== undefined && Date.parse(returnedAt) + namedMs <= nowMs;
  const isGiven = protection === 'PrivilegedAccount';
  if (roles.length === 0 || isOver || isGiven) return undefined;
  return { roles, returnedAt: returnedAt ?? iso(nowMs) };
}

function leftOf(
  passwords: LeaverStatus | undefined,
  roles: LostRoles | undefined,
): LeaverStatus | undefined {
  return passwords === undefined && roles === undefined ? undefined : { ...passwords, ...roles };
}

/** Nothing is on record but what is left to be done. */
function isSettled(left: LeaverStatus | undefined, before: LeaverStatus): boolean {
  return left !== undefined && fieldsOf(left) === fieldsOf(before);
}

function fieldsOf(status: LeaverStatus): string {
  const set = Object.entries(status).filter(([, value]) => value !== undefined);
  return set
    .map(([name]) => name)
    .sort()
    .join();
}

function joined(id: string, { id: groupId = '', name }: NamedGroup): act.UserAction {
  return act.joinGroup(id, groupId, name);
}

function lostInDirectory(
  { activeDirectory }: ObservedUser,
  { activeDirectoryGroups = [] }: LeaverStatus,
): NonNullable<LeaverStatus['activeDirectoryGroups']> {
  if (activeDirectory === undefined) return [];
  return activeDirectoryGroups.filter(({ id }) => !activeDirectory.groupGuids.includes(id));
}

const passwordUnknown = condition(
  'PasswordRotated',
  'False',
  'PasswordSecretNotDeclared',
  'nobody knows the password, which was replaced when the person left: name a Secret in initialPassword, and a new one is put there',
);

/** A crash may have come between a new password and its record: only a refusal proves that the old one is left. */
function passwordOnReturn(
  { spec }: M365User,
  observed: ObservedUser,
  before: LeaverStatus,
): { readonly actions: readonly act.UserAction[]; readonly left?: LeaverStatus } {
  // What was to be done on the return was done then.
  if (before.returnedAt !== undefined && before.passwords === undefined) return { actions: [] };
  const { passwords = {} } = before;
  const unknown = passwordSides(observed).filter((side) => passwords[side] !== 'Refused');
  if (unknown.length === 0) return { actions: [] };
  if (spec.initialPassword === undefined) {
    const replaced = Object.fromEntries(unknown.map((side) => [side, 'Replaced' as const]));
    return { actions: [], left: { passwords: { ...passwords, ...replaced } } };
  }
  const settings = settingsOf(observed).map((set) => set(undefined));
  return { actions: [act.renewPasswordSecret, ...settings] };
}
