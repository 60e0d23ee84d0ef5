/**
 * Where the account stands in Active Directory. Pure.
 *
 * | OU declared | the account stands             | then                                              |
 * | ----------- | ------------------------------ | ------------------------------------------------- |
 * | yes         | in it                          | nothing                                           |
 * | yes         | elsewhere                      | MoveAdAccount                                     |
 * | no          | anywhere below the tenant's OU | nothing: an administrator sorts them              |
 * | no          | in the OU of another tenant    | MoveAdAccount, to the tenant's                    |
 * | either      | out of the customers OU        | nothing: it is out of reach, and no second is made |
 */
import type { AdAccount } from '../../clients/active-directory/port.ts';
import { isBelow, isIn } from '../../core/distinguished-names.ts';
import type { M365User } from '../../core/objects.ts';
import type { UserAction } from './actions.ts';
import { placePath } from './directory-fields.ts';
import type { ObservedUser } from './observed.ts';
import type { Side, Sight } from './side.ts';

const tenantUnit = "the tenant's OU";

/** As status shows it. */
export function declaredPlace({ spec }: M365User): string {
  return spec.activeDirectory?.organizationalUnit ?? tenantUnit;
}

export function placePart(
  user: M365User,
  { objectGuid, distinguishedName }: AdAccount,
  { observed, sight }: { readonly observed: ObservedUser; readonly sight: Sight },
): Pick<Side, 'actions' | 'drift'> {
  const { organizationalUnit } = observed;
  const isDeclared = user.spec.activeDirectory?.organizationalUnit !== undefined;
  const isThere = isDeclared ? isIn : isBelow;
  if (organizationalUnit === undefined || isThere(distinguishedName, organizationalUnit)) {
    return { actions: [], drift: [] };
  }
  const declared = declaredPlace(user);
  return {
    actions: sight.leave.has(placePath) ? [] : [move(objectGuid, organizationalUnit, declared)],
    drift: [{ path: placePath, type: 'Different', declared }],
  };
}

function move(objectGuid: string, organizationalUnit: string, declared: string): UserAction {
  return {
    system: 'ActiveDirectory',
    recoverable: true,
    verb: 'update',
    name: 'MoveAdAccount',
    summary: `moved the account to ${declared} in Active Directory`,
    objectGuid,
    organizationalUnit,
  };
}

export function outsidePart(user: M365User): Side {
  return {
    type: 'ActiveDirectorySynced',
    isSynced: false,
    reason: 'AccountMovedAway',
    message:
      'others moved the account out of the customers OU, where it cannot be reached: move it back, or delete it there',
    actions: [],
    drift: [{ path: placePath, type: 'Different', declared: declaredPlace(user) }],
  };
}
