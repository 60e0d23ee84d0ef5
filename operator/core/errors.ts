/**
 * How a failure is to be treated. An error is classified once, at the edge where it happened
 * (`clients/<system>/errors.ts`, `kube/errors.ts`), and carries everything the controller needs to turn it into
 * a condition, an event, a metric and the next look.
 *
 * | class     | means                                   | next look                     | condition             |
 * | --------- | --------------------------------------- | ----------------------------- | --------------------- |
 * | Transient | likely to pass (5xx, network, conflict) | back-off with jitter          | Reconciling=True      |
 * | Wait      | known cause outside our power now       | at a known time, or on change | Ready=False, reason   |
 * | Terminal  | the user must change something          | on change only                | Stalled=True, reason  |
 * | Bug       | ours                                    | slow back-off                 | Ready=False, Internal |
 */
export type ErrorClass = 'Transient' | 'Wait' | 'Terminal' | 'Bug';

export interface OperatorErrorOptions {
  /** CamelCase, a fact, constant for one state: it becomes the condition's reason. */
  readonly reason: string;
  /** Wait only: look again after this long. Without it the slow poll (10 min) applies. */
  readonly delayMs?: number;
  /** Wait only: the whole customer waits so long (a throttled budget is shared), not this object alone. */
  readonly holdsFlow?: boolean;
  /** Wait only: the fault is that of a parent, whose status shows it. A child that is in order stays as it is. */
  readonly isOfParent?: boolean;
  /** Wait only: nothing is wrong, many want of one quota and its turn comes. What is in order stays as it is. */
  readonly awaitsTurn?: boolean;
  /** The outside system's own id of the failed request: for logs and events, never for conditions. */
  readonly requestId?: string;
  readonly cause?: unknown;
}

/** Messages are constant for one state: quoted inputs, what is wrong, what to do; no ids, times or secrets. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
  readonly class: ErrorClass;
  readonly reason: string;
  readonly delayMs: number | undefined;
  readonly holdsFlow: boolean;
  readonly isOfParent: boolean;
  readonly awaitsTurn: boolean;
  readonly requestId: string | undefined;

  constructor(errorClass: ErrorClass, message: string, options: OperatorErrorOptions) {
    super(message, { cause: options.cause });
    this.class = errorClass;
    this.reason = options.reason;
    this.delayMs = options.delayMs;
    this.holdsFlow = options.holdsFlow === true;
    this.isOfParent = options.isOfParent === true;
    this.awaitsTurn = options.awaitsTurn === true;
    this.requestId = options.requestId;
  }
}

export function transient(message: string, options: OperatorErrorOptions): OperatorError {
  return new OperatorError('Transient', message, options);
}

export function wait(message: string, options: OperatorErrorOptions): OperatorError {
  return new OperatorError('Wait', message, options);
}

export function terminal(message: string, options: OperatorErrorOptions): OperatorError {
  return new OperatorError('Terminal', message, options);
}

export function bug(message: string, cause?: unknown): OperatorError {
  return new OperatorError('Bug', message, { reason: 'InternalError', cause });
}

/** Whatever was thrown, as an OperatorError: what nobody classified is a bug of ours until it has a row in a table. */
export function toOperatorError(thrown: unknown): OperatorError {
  if (thrown instanceof OperatorError) return thrown;
  return bug('an unexpected error; the log of the operator holds the details', thrown);
}
