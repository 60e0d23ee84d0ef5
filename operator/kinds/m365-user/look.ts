/** What every part of a look at a person is given. */
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { M365User } from '../../core/objects.ts';
import type { Deps, TenantAccess } from '../access.ts';

export interface Look {
  readonly deps: Deps;
  readonly user: M365User;
  readonly access: TenantAccess;
  readonly view: DirectoryView;
  readonly signal: AbortSignal;
}
