/** What every action is given, and what it tells. */
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { Graph } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import type { Learned } from '../../core/plan.ts';
import type { Deps, TenantAccess } from '../access.ts';

export type UserLearned = Learned<M365UserStatus>;

export interface Work {
  readonly deps: Deps;
  readonly user: M365User;
  readonly access: TenantAccess;
  readonly graph: Graph;
  readonly view: DirectoryView;
  readonly signal: AbortSignal;
}
