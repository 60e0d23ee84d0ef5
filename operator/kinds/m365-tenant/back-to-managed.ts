/**
 * From a federation server back to Entra. Whoever has no password in Entra cannot sign in then, and Microsoft takes up to
 * two hours (active-directory.md B6): it is done on confirmation only. Pure.
 *
 * | a domain that is declared Managed, without federation | condition           | action           |
 * | ------------------------------------------------------ | ------------------- | ---------------- |
 * | Managed, or unverified                                 | none                | none             |
 * | Federated                                              | ManagedNotConfirmed | none             |
 * | Federated as the domain above it                       | none: drift         | none             |
 * | Federated, `confirm` says `managed-<domain>`           | none                | RemoveFederation |
 */
import { condition } from '../../core/conditions.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { annotations } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import * as act from './actions.ts';
import type { ObservedTenant } from './observed.ts';

interface BackToManaged {
  readonly actions: readonly act.TenantAction[];
  readonly conditions: readonly Condition[];
}

export function planBackToManaged(
  { metadata, spec }: M365Tenant,
  { federations }: Pick<ObservedTenant, 'federations'>,
): BackToManaged {
  const concerned = (spec.domains ?? []).flatMap(({ name, authentication, federation }) => {
    const id = federations?.[name]?.id;
    const isConcerned = authentication === 'Managed' && federation === undefined;
    return isConcerned && id !== undefined ? [{ name, id }] : [];
  });
  const confirmed = metadata.annotations?.[annotations.confirm];
  const isConfirmed = ({ name }: { readonly name: string }) => confirmed === `managed-${name}`;
  const waiting = concerned.filter((domain) => !isConfirmed(domain)).map(({ name }) => name);
  return {
    actions: concerned.filter(isConfirmed).map(({ name, id }) => act.removeFederation(name, id)),
    conditions: waiting.length === 0 ? [] : [notConfirmed(waiting)],
  };
}

function notConfirmed(names: readonly string[]): Condition {
  const message = `${names.join(', ')}: declared Managed, and people sign in at a federation server; nobody without a password in Entra could sign in any more: set the annotation ${annotations.confirm} to managed-<domain>, one domain at a time`;
  return condition('ManagedNotConfirmed', 'True', 'ConfirmationRequired', message);
}
