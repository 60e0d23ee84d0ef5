import { m365TenantApi } from '../../api/m365-tenant.ts';
import type {
  PartnerConnectionSpec,
  PartnerConnectionStatus,
} from '../../api/partner-connection.ts';
import { partnerConnectionApi } from '../../api/partner-connection.ts';
import { bug } from '../../core/errors.ts';
import type { Action, Kind } from '../../core/plan.ts';
import { objectKey } from '../../core/resource.ts';
import type { Deps } from '../access.ts';
import { type ObservedConnection, planConnection } from './plan.ts';
import { observeConnection } from './remote.ts';

export function partnerConnectionKind(
  deps: Deps,
): Kind<PartnerConnectionSpec, PartnerConnectionStatus, ObservedConnection, Action> {
  return {
    kind: partnerConnectionApi.kind,
    plural: partnerConnectionApi.plural,
    references: ({ metadata, spec }) => [
      objectKey('Secret', metadata.namespace, spec.credentialsSecretRef.name),
      ...(spec.activeDirectory === undefined
        ? []
        : [
            objectKey('Secret', metadata.namespace, spec.activeDirectory.credentialsSecretRef.name),
          ]),
    ],
    statusForDependants: [],
    counts: [m365TenantApi.kind],
    observe: (connection, signal) => observeConnection(deps, connection, signal),
    plan: planConnection,
    apply: (action) => Promise.reject(bug(`a PartnerConnection has no action ${action.name}`)),
  };
}
