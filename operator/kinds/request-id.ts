/** MS-RequestId of a purchase: the same while the outcome is unknown, another after a refusal (partner-center.md 15.2). */
import { toOperatorError } from '../core/errors.ts';

/** Not Partner Center's answer to the request itself: nothing was stored under its id. */
const unanswered = new Set(['Throttled', 'TokenRefused', 'PermissionDenied']);

/**
 * Sends under the stored id. Partner Center keeps refusals too and replays them, so that what was wrong once would stay
 * wrong for ever: a refusal counts only where it comes again under a new id.
 */
export async function sendOnce<T>(
  storedId: string,
  newId: () => string,
  send: (requestId: string) => Promise<T>,
): Promise<T> {
  try {
    return await send(storedId);
  } catch (error) {
    const { class: errorClass, reason } = toOperatorError(error);
    const isRefusal = errorClass === 'Terminal' || errorClass === 'Wait';
    if (!isRefusal || unanswered.has(reason)) throw error;
    return send(newId());
  }
}
