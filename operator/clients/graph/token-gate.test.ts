import { describe, expect, it } from 'vitest';
import { failureOf, signal } from '../../../hack/testing/cloud.ts';
import { type OperatorError, terminal, transient, wait } from '../../core/errors.ts';
import { TokenGate } from './token-gate.ts';

function gate(answers: readonly (string | OperatorError)[]) {
  const clock = { ms: 0 };
  const queue = [...answers];
  let asked = 0;
  const created = new TokenGate({
    nowMs: () => clock.ms,
    ask: () => {
      asked += 1;
      const answer = queue.shift() ?? 'token';
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { gate: created, clock, asked: () => asked };
}

describe('a tenant that login refuses', () => {
  it.each([
    wait('no consent', { reason: 'ConsentMissing', delayMs: 10_000 }),
    terminal('gone', { reason: 'TenantGone' }),
  ])('is asked for once a minute by all together: %s', async (refusal) => {
    const { gate: one, clock, asked } = gate([refusal, refusal]);
    for (let n = 0; n < 100; n += 1) {
      expect(await failureOf(one.token(signal))).toMatchObject({
        class: 'Wait',
        reason: refusal.reason,
        holdsFlow: true,
        isOfParent: true,
      });
    }
    expect(asked()).toBe(1);
    clock.ms = 60_000;
    await failureOf(one.token(signal));
    expect(asked()).toBe(2);
  });

  it('is asked for by its own look each time, whose success is that of all', async () => {
    const refusal = terminal('gone', { reason: 'TenantGone' });
    const { gate: one } = gate([refusal, refusal]);
    await failureOf(one.token(signal));
    expect(await failureOf(one.ask(signal, true))).toBe(refusal);
    expect(await one.ask(signal, true)).toBe('token');
    expect(await one.token(signal)).toBe('token');
  });

  it('is none where login did not answer', async () => {
    const hiccup = transient('no answer', { reason: 'LoginUnavailable' });
    const { gate: one } = gate([hiccup]);
    expect(await failureOf(one.token(signal))).toBe(hiccup);
    expect(await one.token(signal)).toBe('token');
  });
});
