import { DeadlineError } from './errors.ts';

/** The promise's result, unless time is up (DeadlineError) or the signal aborts (its reason) before. */
export async function within<T>(
  deadlineMs: number,
  work: Promise<T> | T,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new DeadlineError(`no answer within ${deadlineMs / 1_000} s`));
      }, deadlineMs);
      abort = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      Promise.resolve(work).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}
