/** What the audit log says about one action. Pure. */
import { OperatorError } from '../core/errors.ts';
import { type Action, annotations, type Learned } from '../core/plan.ts';
import type { AuditRecord } from '../core/ports.ts';
import type { Resource } from '../core/resource.ts';

export function auditOf(
  resource: Resource,
  action: Action,
  result: AuditRecord['result'],
  learned: Learned<unknown>,
): AuditRecord {
  const { metadata, kind } = resource;
  const { namespace, name, uid, generation } = metadata;
  const changeRef = metadata.annotations?.[annotations.changeRef];
  return {
    resource: { kind, namespace, name, uid, generation },
    requestedBy: {
      managers: metadata.managers ?? [],
      ...(changeRef === undefined ? {} : { changeRef }),
    },
    system: action.system,
    operation: action.name,
    result,
    ...learned.audit,
  };
}

/** `unknown`: nobody can say whether the outside system did it (a lost answer, a cut-off, a bug of ours). */
export function outcomeOf(error: unknown): {
  readonly result: 'failed' | 'unknown';
  readonly reason: string;
  readonly requestId?: string | undefined;
} {
  if (!(error instanceof OperatorError)) return { result: 'unknown', reason: 'InternalError' };
  const isSettled = error.class === 'Terminal' || error.class === 'Wait';
  const { reason, requestId } = error;
  return { result: isSettled ? 'failed' : 'unknown', reason, requestId };
}
