/**
 * A new password on request (annotation `rotate-password-at`): into the Secret first, so that it is never lost, then into
 * the directories that `identity.passwords` names. Whatever stops in the middle begins anew, with another password. Pure.
 *
 * | requested, and                                    | then                                               |
 * | ------------------------------------------------- | -------------------------------------------------- |
 * | handled before                                    | nothing                                            |
 * | an account is still to be made; who asks has left | nothing yet                                        |
 * | no Secret is declared                             | PasswordRotated=False: nobody would learn it       |
 * | no directory takes one (federated, sync server)   | PasswordRotated=False                              |
 * | else                                              | RenewPasswordSecret, SetAdPassword, SetEntraPassword |
 */
import { condition } from '../../core/conditions.ts';
import { domainPart } from '../../core/names.ts';
import type { M365User } from '../../core/objects.ts';
import { annotations } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import * as act from './actions.ts';
import type { ObservedUser } from './observed.ts';

export interface Rotation {
  readonly actions: readonly act.UserAction[];
  readonly conditions: readonly Condition[];
}

export const noRotation: Rotation = { actions: [], conditions: [] };

export function passwordRotation(user: M365User, observed: ObservedUser): Rotation {
  const request = user.metadata.annotations?.[annotations.rotatePasswordAt];
  const isHandled = user.status?.lastHandledPasswordRotation === request;
  if (request === undefined || isHandled || isBeingMade(observed)) return noRotation;
  if (user.spec.initialPassword === undefined) {
    return impossible(
      'PasswordSecretNotDeclared',
      'a new password is requested, and initialPassword names no Secret to put it into',
    );
  }
  const sides = settingsOf(observed);
  if (sides.length === 0) {
    return impossible(
      'NoDirectoryTakesPassword',
      'a new password is requested, and no directory takes one from here: people of this domain sign in elsewhere, or a sync server owns the account',
    );
  }
  const isLast = (index: number): boolean => index === sides.length - 1;
  const settings = sides.map((set, index) => set(isLast(index) ? request : undefined));
  return { actions: [act.renewPasswordSecret, ...settings], conditions: [] };
}

function impossible(reason: string, message: string): Rotation {
  return { actions: [], conditions: [condition('PasswordRotated', 'False', reason, message)] };
}

export function isBeingMade({ entra, activeDirectory, directoryMode }: ObservedUser): boolean {
  return entra === undefined || (directoryMode === 'Managed' && activeDirectory === undefined);
}

type Setting = (request: string | undefined) => act.UserAction;

/** The accounts that take a password from here, Active Directory first. */
export function settingsOf(observed: ObservedUser): readonly Setting[] {
  const { entra, activeDirectory } = observed;
  const settings: Readonly<Record<PasswordSide, Setting>> = {
    activeDirectory: (request) => act.setAdPassword(activeDirectory?.objectGuid ?? '', request),
    entra: (request) => act.setEntraPassword(entra?.id ?? '', request),
  };
  return passwordSides(observed).map((side) => settings[side]);
}

type PasswordSide = 'activeDirectory' | 'entra';

export function passwordSides(observed: ObservedUser): readonly PasswordSide[] {
  return [
    ...(isTakenInDirectory(observed) ? ['activeDirectory' as const] : []),
    ...(isTakenInCloud(observed) ? ['entra' as const] : []),
  ];
}

function isTakenInDirectory({ activeDirectory, passwords }: ObservedUser): boolean {
  return activeDirectory !== undefined && passwords !== 'Cloud';
}

function isTakenInCloud(observed: ObservedUser): boolean {
  const { entra, passwords, directoryMode, federatedDomains } = observed;
  if (entra === undefined || entra.onPremisesSyncEnabled === true) return false;
  if (directoryMode === 'Managed' && passwords === 'ActiveDirectory') return false;
  return !federatedDomains.includes(domainPart(entra.userPrincipalName));
}
