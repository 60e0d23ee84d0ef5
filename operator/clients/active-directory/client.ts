/** Active Directory through verified LDAPS. Every call stays on the session, and so on the controller, it began with. */
import * as accounts from './accounts.ts';
import { ChangeTracker } from './changes.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { Groups } from './groups-port.ts';
import * as isolation from './isolation.ts';
import type { TenantLayout } from './layout-port.ts';
import { LogonNames } from './logon-names.ts';
import * as lookup from './lookup.ts';
import { findAccountsBy } from './matching.ts';
import { moveAccount } from './moves.ts';
import { readPasswordPolicy } from './password-policy.ts';
import type { ActiveDirectory } from './port.ts';
import { readRoot } from './root.ts';
import { SchemaLookup } from './schema.ts';
import type { Session } from './session.ts';
import * as structure from './structure.ts';

type OnSession = <T>(signal: AbortSignal, call: (session: Session) => Promise<T>) => Promise<T>;

/** Nothing is connected before the first call. */
export function createActiveDirectory(options: ConnectionOptions): ActiveDirectory {
  const connection = new Connection(options);
  const tracker = new ChangeTracker(options.nowMs);
  const names = new LogonNames(options.nowMs);
  const schema = new SchemaLookup(options.nowMs);
  const on: OnSession = (signal, call) =>
    connection.use(signal, (session) => {
      tracker.begin(session);
      return call(session);
    });
  return {
    verify: (signal) =>
      on(signal, async (session) => {
        const { defaultNamingContext } = await readRoot(session, signal);
        return { defaultNamingContext, controller: session.controller };
      }),
    getAccount: (objectGuid, signal) =>
      on(signal, (session) => lookup.readAccount(session, objectGuid, signal)),
    findPerson: (person, signal) =>
      on(signal, (session) => lookup.findPerson(session, person, signal)),
    findAccountsBy: (organizationalUnit, key, signal) =>
      on(signal, (session) => findAccountsBy(session, organizationalUnit, key, signal)),
    isSamAccountNameTaken: (name, signal) =>
      on(signal, (session) => lookup.isTaken(session, 'sAMAccountName', name, signal)),
    freeSamAccountName: (candidates, ownerUid, signal) =>
      on(signal, (session) => names.firstFree(session, candidates, ownerUid, signal)),
    createAccount: (account, signal) =>
      on(signal, (session) => accounts.createAccount(session, account, signal)),
    updateAccount: (objectGuid, patch, signal) =>
      on(signal, (session) => accounts.updateAccount(session, objectGuid, patch, signal)),
    moveAccount: (objectGuid, organizationalUnit, signal) =>
      on(signal, (session) => moveAccount(session, objectGuid, organizationalUnit, signal)),
    missingAttributes: (attributes, signal) =>
      on(signal, (session) => schema.missing(session, attributes, signal)),
    passwordPolicy: (signal) => on(signal, (session) => readPasswordPolicy(session, signal)),
    isOutside: (objectGuid, signal) =>
      on(signal, (session) => lookup.isOutside(session, objectGuid, signal)),
    restoreAccount: (objectGuid, lost, signal) =>
      on(signal, (session) => accounts.restoreAccount(session, objectGuid, lost, signal)),
    setPassword: (objectGuid, password, signal) =>
      on(signal, (session) => accounts.setPassword(session, objectGuid, password, signal)),
    deleteAccount: (objectGuid, signal) =>
      on(signal, (session) => accounts.deleteAccount(session, objectGuid, signal)),

    ...placeCalls(on),
    ...groupCalls(on, tracker),
    changedAccounts: (organizationalUnit, cookie, signal) =>
      on(signal, (session) => tracker.changes(session, organizationalUnit, cookie, signal)),
    close: () => connection.close(),
  };
}

/** Of a tenant's place in the directory: its OU, names and who sees it. */
function placeCalls(
  on: OnSession,
): Pick<ActiveDirectory, keyof TenantLayout | 'ensureOrganizationalUnit' | 'ensureUpnSuffix'> {
  return {
    ensureOrganizationalUnit: (parent, name, signal) =>
      on(signal, (session) => structure.ensureOrganizationalUnit(session, parent, name, signal)),
    readOrganizationalUnit: (key, signal) =>
      on(signal, (session) => structure.readOrganizationalUnit(session, key, signal)),
    ensureUpnSuffix: (suffix, signal) =>
      on(signal, (session) => structure.ensureUpnSuffix(session, suffix, signal)),

    listUpnSuffixes: (signal) =>
      on(signal, (session) => structure.listUpnSuffixes(session, signal)),
    readIsolation: (unit, group, signal) =>
      on(signal, (session) => isolation.readIsolation(session, unit, group, signal)),
    ensureIsolation: (unit, group, signal) =>
      on(signal, (session) => isolation.ensureIsolation(session, unit, group, signal)),
  };
}

function groupCalls(on: OnSession, tracker: ChangeTracker): Groups {
  return {
    ensureGroup: (organizationalUnit, group, signal) =>
      on(signal, (session) => structure.ensureGroup(session, organizationalUnit, group, signal)),
    findGroup: (organizationalUnit, name, signal) =>
      on(signal, (session) => structure.findGroup(session, organizationalUnit, name, signal)),
    isGroupNameTaken: (organizationalUnit, name, signal) =>
      on(signal, (session) =>
        structure.isGroupNameTaken(session, organizationalUnit, name, signal),
      ),
    addMember: (groupGuid, memberGuid, signal) => {
      tracker.written(groupGuid);
      return on(signal, (session) => structure.addMember(session, groupGuid, memberGuid, signal));
    },
    removeMember: (groupGuid, memberGuid, signal) => {
      tracker.written(groupGuid);
      return on(signal, (session) =>
        structure.removeMember(session, groupGuid, memberGuid, signal),
      );
    },
  };
}
