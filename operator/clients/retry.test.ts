import { describe, expect, it } from 'vitest';
import { terminal, transient } from '../core/errors.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { budgetedRetries, type Outcome, quickRetries, retryMs, withRetries } from './retry.ts';

const answered = (status: number, askedMs?: number): Outcome => ({ status, retryAfterMs: askedMs });
const silent: Outcome = { status: undefined, retryAfterMs: undefined };

describe('the wait before the next try', () => {
  it.each([
    ['no answer', 0, silent, 100],
    ['no answer again', 1, silent, 200],
    ['no answer for the third time', 2, silent, undefined],
    ['an error of the service', 0, answered(503), 100],
    ['a short throttle', 0, answered(429, 1_500), 1_502],
    ['a long throttle', 0, answered(429, 30_000), undefined],
    ['a throttle that does not say how long', 0, answered(429), undefined],
    ['a refusal', 0, answered(403), undefined],
    ['success', 0, answered(200), undefined],
  ])('after %s', (_, attempt, outcome, wanted) => {
    expect(retryMs(quickRetries, outcome, attempt, 0)).toBe(wanted);
  });

  it.each([
    ['no answer', 0, silent, 100],
    ['no answer for the third time', 2, silent, undefined],
    ['an error of the service', 1, answered(500), 200],
    ['a short wait that a busy service asks for', 0, answered(503, 1_500), 1_502],
    ['a long one', 0, answered(503, 30_000), undefined],
    ['a short throttle: nobody waits for a quota in place', 0, answered(429, 500), undefined],
    ['a throttle that does not say how long', 0, answered(429), undefined],
  ])('where we keep the quota ourselves, after %s', (_, attempt, outcome, wanted) => {
    expect(retryMs(budgetedRetries, outcome, attempt, 0)).toBe(wanted);
  });
});

describe('a request', () => {
  const lost = transient('no answer', { reason: 'ConnectionFailed' });

  function send(results: (number | Error)[], request: Partial<HttpRequest> = {}) {
    const waits: number[] = [];
    const queue = [...results];
    const transport = withRetries(
      async (): Promise<HttpResponse> => {
        const result = queue.shift() ?? 200;
        if (result instanceof Error) throw result;
        return { status: result, headers: {}, text: '' };
      },
      {
        nowMs: () => 0,
        random: () => 0,
        sleep: async (ms) => {
          waits.push(ms);
        },
      },
    );
    const { signal } = new AbortController();
    const answer = transport({
      method: 'GET',
      url: 'x',
      headers: {},
      signal,
      operation: 'X',
      ...request,
    });
    return { answer, waits, left: queue };
  }

  it('that reads is repeated until it is answered', async () => {
    const { answer, waits } = send([lost, 503, 200]);
    expect((await answer).status).toBe(200);
    expect(waits).toEqual([100, 200]);
  });

  it('that reads is given up after the second repeat', async () => {
    await expect(send([lost, lost, lost, 200]).answer).rejects.toBe(lost);
    expect((await send([503, 503, 503, 200]).answer).status).toBe(503);
  });

  it.each(['POST', 'PATCH', 'PUT', 'DELETE'] as const)(
    'that writes (%s) is never repeated',
    async (method) => {
      const { answer, left } = send([lost, 200], { method });
      await expect(answer).rejects.toBe(lost);
      expect(left).toEqual([200]);
    },
  );

  it('that is said to be safe is repeated', async () => {
    expect((await send([lost, 200], { method: 'POST', isSafeToRepeat: true }).answer).status).toBe(
      200,
    );
  });

  it('that fails for another reason is not', async () => {
    const refused = terminal('no', { reason: 'CredentialsIncomplete' });
    await expect(send([refused, 200]).answer).rejects.toBe(refused);
  });
});
