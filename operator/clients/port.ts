/** The clients of one PartnerConnection, as kinds hold them. */
import type { SecretData } from '../core/cluster.ts';
import type { PartnerConnection } from '../core/objects.ts';
import type { ActiveDirectory } from './active-directory/port.ts';
import type { ActivityView } from './graph/activity-port.ts';
import type { OutsideChanges } from './graph/audit-port.ts';
import type { Delegation } from './graph/delegation-port.ts';
import type { DirectoryView } from './graph/directory-view-port.ts';
import type { Graph } from './graph/port.ts';
import type { PartnerCenter } from './partner-center/port.ts';

export interface ConnectionClients {
  readonly partnerCenter: PartnerCenter;
  readonly delegation: Delegation;
  /** Undefined: the connection names no Active Directory. */
  readonly activeDirectory: ActiveDirectory | undefined;
  graph(tenantId: string): Graph;
  /** The one view of this tenant: shared by all objects of it. */
  directory(tenantId: string): DirectoryView;
  outsideChanges(tenantId: string): OutsideChanges;
  /** When its accounts were last used, for whoever asks. */
  activity(tenantId: string): ActivityView;
}

export interface ClientsInput {
  readonly connection: PartnerConnection;
  readonly partnerSecret: SecretData;
  /** With `spec.activeDirectory` only. */
  readonly directorySecret: SecretData | undefined;
  /** Stores a rotated refresh token. */
  readonly onRefreshToken: (refreshToken: string) => Promise<void>;
}

export interface ClientsOutput {
  readonly clients: ConnectionClients;
  /** Day (YYYY-MM-DD) on which the client certificate ends; undefined where there is none. */
  readonly credentialsExpireOn: string | undefined;
}

/** The same clients as before while settings and Secrets are the same. Terminal `SecretKeyMissing` names the key. */
export type ClientsFor = (input: ClientsInput) => ClientsOutput;
