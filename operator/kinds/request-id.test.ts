import { expect, it } from 'vitest';
import { failureOf } from '../../hack/testing/cloud.ts';
import { terminal, transient, wait } from '../core/errors.ts';
import { sendOnce } from './request-id.ts';

async function sent(...failures: readonly Error[]) {
  const requestIds: string[] = [];
  const left = [...failures];
  const outcome = sendOnce(
    'stored',
    () => 'new',
    (requestId) => {
      requestIds.push(requestId);
      const failure = left.shift();
      return failure === undefined ? Promise.resolve('answer') : Promise.reject(failure);
    },
  );
  return { requestIds, reason: await outcome.catch(async () => (await failureOf(outcome)).reason) };
}

const refused = terminal('no', { reason: 'InvalidRequest' });

it('sends under the stored id', async () => {
  expect(await sent()).toEqual({ requestIds: ['stored'], reason: 'answer' });
});

it.each([refused, wait('not yet', { reason: 'AgreementMissing' })])(
  'asks again under a new id where it is refused: %s',
  async (failure) => {
    expect(await sent(failure)).toEqual({ requestIds: ['stored', 'new'], reason: 'answer' });
    expect(await sent(failure, refused)).toEqual({
      requestIds: ['stored', 'new'],
      reason: 'InvalidRequest',
    });
  },
);

it.each([
  transient('no answer', { reason: 'ConnectionFailed' }),
  wait('later', { reason: 'Throttled' }),
])('keeps the id while the outcome is unknown: %s', async (failure) => {
  expect(await sent(failure)).toEqual({ requestIds: ['stored'], reason: failure.reason });
});
