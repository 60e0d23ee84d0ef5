/**
 * A new password on request (annotation `rotate-password-at`): into the Secret first, so that it is never lost, then into
 * the directories that `identity.passwords` names. Whatever stops in the middle begins anew, with another password. Pure.
 *
 * | requested, and                                    | then                                               |
 * | ------------------------------------------------- | -------------------------------------------------- |
 * | handled before                                    | nothing                                            |
 * | an account is still to be made                    | nothing yet                                        |
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

const none: Rotation = { actions: [], conditions: [] };

export function passwordRotation(user: M365User, observed: ObservedUser): Rotation {
  const request = user.metadata.annotations?.[annotations.rotatePasswordAt];
  const isHandled = user.status?.lastHandledPasswordRotation === request;
  if (request === undefined || isHandled || isBeingMade(observed)) return none;
  if (user.spec.initialPassword === undefined) {
    return impossible(
      'PasswordSecretNotDeclared',
      'a new password is requested, and initialPassword names no Secret to put it into',
    );
  }
  const sides = [...directorySide(observed), ...cloudSide(observed)];
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

function isBeingMade({ entra, activeDirectory, directoryMode }: ObservedUser): boolean {
  return entra === undefined || (directoryMode === 'Managed' && activeDirectory === undefined);
}

type Setting = (request: string | undefined) => act.UserAction;

function directorySide({ activeDirectory, passwords }: ObservedUser): readonly Setting[] {
  if (activeDirectory === undefined || passwords === 'Cloud') return [];
  return [(request) => act.setAdPassword(activeDirectory.objectGuid, request)];
}

function cloudSide(observed: ObservedUser): readonly Setting[] {
  const { entra, passwords, directoryMode, federatedDomains } = observed;
  if (entra === undefined || entra.onPremisesSyncEnabled === true) return [];
  if (directoryMode === 'Managed' && passwords === 'ActiveDirectory') return [];
  if (federatedDomains.includes(domainPart(entra.userPrincipalName))) return [];
  return [(request) => act.setEntraPassword(entra.id, request)];
}
