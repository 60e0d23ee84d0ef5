import { type M365UserSpec, m365UserApi } from '../../api/m365-user.ts';
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import type { Kind } from '../../core/plan.ts';
import { objectKey } from '../../core/resource.ts';
import type { Deps } from '../access.ts';
import type { UserAction } from './actions.ts';
import { applyUser } from './apply.ts';
import { userClaim } from './claim.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';
import { observeUser } from './remote.ts';

export function m365UserKind(
  deps: Deps,
): Kind<M365UserSpec, M365UserStatus, ObservedUser, UserAction> {
  return {
    kind: m365UserApi.kind,
    plural: m365UserApi.plural,
    references: ({ metadata, spec }) => [
      userClaim(spec.userPrincipalName),
      objectKey('M365Tenant', metadata.namespace, spec.tenantRef.name),
      ...(spec.managerRef === undefined
        ? []
        : [objectKey('M365User', metadata.namespace, spec.managerRef.name)]),
    ],
    flow: ({ metadata, spec }) => `${metadata.namespace}/${spec.tenantRef.name}`,
    // Whom others name as their manager.
    statusForDependants: ['entraId', 'objectGuid'],
    observe: (user, signal) => observeUser(deps, user, signal),
    plan: planUser,
    apply: (action, user, signal) => applyUser(deps, action, user, signal),
  };
}
