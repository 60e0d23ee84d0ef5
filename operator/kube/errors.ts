/**
 * Answers of the API server that are not a success, and how each is to be treated:
 *
 * | answer                      | class     | reason                   |
 * | --------------------------- | --------- | ------------------------ |
 * | no answer, 429, 5xx         | Transient | KubernetesUnavailable    |
 * | 409 conflict                | Transient | KubernetesConflict       |
 * | 401                         | Wait      | KubernetesUnauthorized   |
 * | 403                         | Wait      | KubernetesForbidden      |
 * | 400, 404, 422 and all other | Bug       | InternalError            |
 */
import { bug, type OperatorError, transient, wait } from '../core/errors.ts';

interface KubeErrorOptions {
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  /** metav1.Status reason, e.g. `AlreadyExists`, or `Unreachable`. */
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: KubeErrorOptions) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): error is KubeError {
  return error instanceof KubeError && statuses.includes(error.status);
}

/** `doing` completes "while …": `writing the status`. Constant text, no names. */
export function classify(error: unknown, doing: string): unknown {
  return error instanceof KubeError ? operatorErrorOf(error, doing) : error;
}

function operatorErrorOf(error: KubeError, doing: string): OperatorError {
  const cause = error;
  const { status } = error;
  if (status === 0 || status === 429 || status >= 500) {
    const reason = 'KubernetesUnavailable';
    return transient(`the Kubernetes API server failed while ${doing}`, { reason, cause });
  }
  if (status === 409) {
    const reason = 'KubernetesConflict';
    return transient(`the object was changed by others while ${doing}`, { reason, cause });
  }
  if (status === 401) {
    const reason = 'KubernetesUnauthorized';
    return wait('the Kubernetes API server does not accept the credentials of the operator', {
      reason,
      cause,
    });
  }
  if (status === 403) {
    const message = `the roles of the operator do not allow ${doing}: for a Secret, add its namespace to the chart's secretNamespaces; else install the chart's roles again`;
    return wait(message, { reason: 'KubernetesForbidden', cause });
  }
  return bug(`the Kubernetes API server refused a request while ${doing}`, cause);
}

/** Runs `work`, turning what the API server answers into classified errors. */
export async function classified<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw classify(error, doing);
  }
}
