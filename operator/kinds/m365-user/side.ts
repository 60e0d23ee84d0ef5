import type { DriftEntry } from '../../api/common.ts';
import type { UserAction } from './actions.ts';

/** One directory's part of the plan. */
export interface Side {
  readonly type: 'EntraSynced' | 'ActiveDirectorySynced';
  readonly isSynced: boolean;
  /** Only a person can go on: nothing is done on any side meanwhile. */
  readonly isStalled?: true;
  readonly reason: string;
  readonly message: string;
  readonly actions: readonly UserAction[];
  /** What differs, for when it was as declared before. */
  readonly drift: readonly DriftEntry[];
}
