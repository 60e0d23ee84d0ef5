import type { LeaverStatus } from '../../api/user-leaver.ts';
import type { Condition } from '../../core/resource.ts';
import type { UserAction } from './actions.ts';

/** What leaving, or being back, adds to a person's plan. */
export interface LeaverPart {
  readonly actions: readonly UserAction[];
  readonly conditions: readonly Condition[];
  readonly status: LeaverStatus | undefined;
  /** When the next step comes by time alone. */
  readonly lookAtMs: number | undefined;
}

export const stays: LeaverPart = {
  actions: [],
  conditions: [],
  status: undefined,
  lookAtMs: undefined,
};
