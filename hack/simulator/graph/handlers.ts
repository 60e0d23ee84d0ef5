/** Every call that the simulator answers, by `METHOD template` of the contract. */
import { ACCESS_ASSIGNMENT_HANDLERS } from './access-assignments.ts';
import { AUDIT_HANDLERS } from './audits.ts';
import type { Handlers } from './call.ts';
import { DELETED_ITEM_HANDLERS } from './deleted-items.ts';
import { DELTA_HANDLERS } from './delta.ts';
import { DOMAIN_HANDLERS } from './domains.ts';
import { FEDERATED_CREDENTIAL_HANDLERS } from './federated-credentials.ts';
import { FEDERATION_HANDLERS } from './federation.ts';
import { GROUP_LICENSE_HANDLERS } from './group-licenses.ts';
import { GROUP_MEMBER_HANDLERS } from './group-members.ts';
import { GROUP_HANDLERS } from './groups.ts';
import { INVITATION_HANDLERS } from './invitations.ts';
import { LICENSE_HANDLERS } from './licenses.ts';
import { MAILBOX_HANDLERS } from './mailboxes.ts';
import { MEMBERSHIP_HANDLERS } from './memberships.ts';
import { ORGANIZATION_HANDLERS } from './organization.ts';
import { RELATIONSHIP_REQUEST_HANDLERS } from './relationship-requests.ts';
import { RELATIONSHIP_HANDLERS } from './relationships.ts';
import { ROLE_HANDLERS } from './roles.ts';
import { SERVICE_PRINCIPAL_HANDLERS } from './service-principals.ts';
import { SUBSCRIBED_SKU_HANDLERS } from './subscribed-skus.ts';
import { SUBSCRIPTION_HANDLERS } from './subscriptions.ts';
import { SYNCHRONIZATION_HANDLERS } from './synchronization.ts';
import { USER_RELATION_HANDLERS } from './user-relations.ts';
import { USER_UPDATE_HANDLERS } from './user-update.ts';
import { USER_HANDLERS } from './users.ts';

export const HANDLERS: Handlers = {
  ...ACCESS_ASSIGNMENT_HANDLERS,
  ...AUDIT_HANDLERS,
  ...DELETED_ITEM_HANDLERS,
  ...DELTA_HANDLERS,
  ...DOMAIN_HANDLERS,
  ...FEDERATED_CREDENTIAL_HANDLERS,
  ...FEDERATION_HANDLERS,
  ...GROUP_HANDLERS,
  ...GROUP_LICENSE_HANDLERS,
  ...GROUP_MEMBER_HANDLERS,
  ...INVITATION_HANDLERS,
  ...LICENSE_HANDLERS,
  ...MAILBOX_HANDLERS,
  ...MEMBERSHIP_HANDLERS,
  ...ORGANIZATION_HANDLERS,
  ...RELATIONSHIP_HANDLERS,
  ...RELATIONSHIP_REQUEST_HANDLERS,
  ...ROLE_HANDLERS,
  ...SERVICE_PRINCIPAL_HANDLERS,
  ...SUBSCRIBED_SKU_HANDLERS,
  ...SUBSCRIPTION_HANDLERS,
  ...SYNCHRONIZATION_HANDLERS,
  ...USER_HANDLERS,
  ...USER_RELATION_HANDLERS,
  ...USER_UPDATE_HANDLERS,
};
