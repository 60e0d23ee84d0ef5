import type { DriftEntry } from '../../api/common.ts';
import type { UserAction } from './actions.ts';

/** What a side is looked at with. */
export interface Sight {
  readonly nowMs: number;
  /** Fields that differ and are not to be written, as paths of status.drift (core/drift.ts). */
  readonly leave: ReadonlySet<string>;
}

/** Of a side on which nothing is left to do. */
export function syncedMessage({ leave }: Sight): string {
  return leave.size > 0
    ? 'the account is as declared, but for what is left as others changed it'
    : 'the account is as declared';
}

/** One directory's part of the plan. */
export interface Side {
  readonly type: 'EntraSynced' | 'ActiveDirectorySynced';
  readonly isSynced: boolean;
  /** Only a person can go on: nothing is done on any side meanwhile. */
  readonly isStalled?: true;
  readonly reason: string;
  readonly message: string;
  readonly actions: readonly UserAction[];
  /** All that differs, also what is left as it is: whose work it is, core/drift.ts says. */
  readonly drift: readonly DriftEntry[];
}
