/** A person who leaves, for the tests of operator/kinds/m365-user/leaver*.ts. */
import type { HeldRole } from '../../operator/clients/graph/roles-port.ts';
import type { M365User } from '../../operator/core/objects.ts';
import type { ObservedUser } from '../../operator/kinds/m365-user/observed.ts';
import { ids, inHours, user } from './build.ts';
import { adAccount, entraUser, observedUser } from './observed.ts';

export type Spec = Partial<M365User['spec']>;
export type Status = NonNullable<M365User['status']>;
export type Leaver = NonNullable<Status['leaver']>;

export const { anchor } = adAccount();

/** Both accounts are on record, and ours. */
export const accountsRecord: Status = {
  entraId: ids.user,
  objectGuid: ids.account,
  createdByOperator: { entra: true, activeDirectory: true },
};

export const replaced = { entra: 'Replaced', activeDirectory: 'Replaced' } as const;
export const done: Leaver = { passwords: replaced, blockedAt: inHours(-1) };

/** Left an hour ago. */
export function leaver(leaverStatus: Leaver | undefined, spec: Spec = {}, status: Status = {}) {
  return user({
    spec: { leaveAt: inHours(-1), ...spec },
    status: { ...accountsRecord, sessionsRevoked: true, ...status, leaver: leaverStatus },
  });
}

/** Blocked in both directories, in no group. */
export function blocked(more: Partial<ObservedUser> = {}): ObservedUser {
  return observedUser({
    directoryMode: 'Managed',
    organizationalUnit: 'OU=contoso,OU=Customers,DC=corp,DC=example',
    samAccountName: 'mia',
    entra: entraUser({ accountEnabled: false, onPremisesImmutableId: anchor }),
    activeDirectory: adAccount({ enabled: false }),
    ...more,
  });
}

/** Of an administrator. */
export function heldRole(name: string): HeldRole {
  return { id: name, roleId: name, name, isProtecting: true, isLast: false };
}
