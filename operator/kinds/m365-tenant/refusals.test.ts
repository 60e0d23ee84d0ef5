import { describe, expect, it } from 'vitest';
import { tenant, withConditions } from '../../../hack/testing/build.ts';
import { transient, wait } from '../../core/errors.ts';
import { Refusals, refusalIn, withdrawnBefore } from './refusals.ts';

describe('a refusal', () => {
  it.each([
    ['ConsentWithdrawn', true],
    ['TenantGone', true],
    ['Throttled', false],
    ['PermissionDenied', false],
    ['GraphUnavailable', false],
  ])('%s: %s', (reason, isOne) => {
    const refusal = refusalIn(wait('why', { reason }));
    expect(refusal).toEqual(isOne ? { reason, message: 'why' } : undefined);
  });

  it('is no hiccup', () => {
    expect(refusalIn(transient('no answer', { reason: 'LoginUnavailable' }))).toBeUndefined();
    expect(refusalIn(new Error('x'))).toBeUndefined();
  });

  it('is forgotten with an edit', () => {
    const refusals = new Refusals<string>();
    const one = tenant();
    refusals.note(one, 'facts');
    expect(refusals.recall(one)).toBe('facts');
    const edited = { ...one, metadata: { ...one.metadata, generation: 99 } };
    expect(refusals.recall(edited)).toBeUndefined();
    refusals.forget(one);
    expect(refusals.recall(one)).toBeUndefined();
  });
});

describe('consent that was withdrawn before a restart', () => {
  const access = (status: 'True' | 'False', reason: string) =>
    withConditions(
      tenant({
        status: {
          tenantId: '11111111-1111-4111-8111-111111111111',
          initialDomain: 'contoso.onmicrosoft.com',
          agreement: { acceptedOn: '2026-03-01' },
        },
      }),
      [
        { type: 'CustomerReady', status: 'True', reason: 'CustomerFound', message: '' },
        { type: 'AccountReady', status: 'True', reason: 'AccountAllowed', message: '' },
        { type: 'AccessReady', status, reason, message: '' },
      ],
    );

  it('is known from status', () => {
    expect(withdrawnBefore(access('False', 'ConsentWithdrawn'))).toMatchObject({
      customer: { domain: 'contoso.onmicrosoft.com' },
      access: { missing: [] },
    });
  });

  it.each([
    ['False', 'ConsentMissing'],
    ['True', 'PermissionsGranted'],
  ] as const)('is not: %s %s', (status, reason) => {
    expect(withdrawnBefore(access(status, reason))).toBeUndefined();
  });
});
