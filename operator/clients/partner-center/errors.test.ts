import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../http.ts';
import { partnerCenterErrors } from './error-table.ts';
import { toFailure } from './errors.ts';

const nowMs = Date.parse('2026-11-24T10:00:00Z');
const requestId = '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60';
const secret = 'canary-7f3e';
const response = (status: number, body: unknown, headers = {}): HttpResponse => ({
  status,
  headers: { 'ms-requestid': requestId, ...headers },
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const failureOf = (status: number, body: unknown, headers = {}) =>
  toFailure(response(status, body, headers), nowMs);

/** The two shapes of partner-center.md 1.9. */
const classic = (code: number | string) => ({
  code,
  description: `Words with ${secret}`,
  data: [],
  source: 'PartnerFD',
});
const newer = (code: number | string) => ({
  code,
  message: `Words with ${secret}`,
  description: null,
  errorName: 'SomethingIsWrong',
  isRetryable: false,
  parameters: {},
  errorMessageExtended: `InternalErrorCode=${code}`,
});

describe('the table of Partner Center errors', () => {
  it.each(Object.entries(partnerCenterErrors))(
    '%s',
    (code, [errorClass, reason, message, delayMs]) => {
      for (const status of [400, 403, 404, 409]) {
        for (const body of [classic(Number(code)), classic(code), newer(Number(code))]) {
          const isDomainTaken = status === 409 && code === '2000';
          const { error, code: found } = failureOf(status, body);
          expect(found).toBe(code);
          expect(error).toMatchObject({ class: errorClass, delayMs, requestId });
          expect(error.reason).toBe(isDomainTaken ? 'DomainPrefixTaken' : reason);
          expect(error.message.startsWith(message) || isDomainTaken).toBe(true);
          expect(error.cause).toBeInstanceOf(Error);
          // Partner Center's own words only where no table can say which value is wrong.
          expect(error.message.includes(secret)).toBe(error.reason === 'InvalidRequest');
          expect(error.message).not.toContain(requestId);
        }
      }
      expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    },
  );

  it.each([
    [400, 'Terminal', 'InvalidRequest'],
    [401, 'Wait', 'TokenRefused'],
    [403, 'Wait', 'PermissionDenied'],
    [404, 'Terminal', 'InvalidRequest'],
    [408, 'Transient', 'PartnerCenterUnavailable'],
    [409, 'Transient', 'ConcurrentChange'],
    [412, 'Transient', 'ConcurrentChange'],
    [500, 'Transient', 'PartnerCenterUnavailable'],
    [502, 'Transient', 'PartnerCenterUnavailable'],
    [503, 'Transient', 'PartnerCenterUnavailable'],
    [504, 'Transient', 'PartnerCenterUnavailable'],
  ] as const)('%i without a code that is known', (status, errorClass, reason) => {
    for (const body of [
      '',
      '<html>gateway</html>',
      classic(123_456),
      newer(123_456),
      '[]',
      'null',
    ]) {
      expect(failureOf(status, body).error).toMatchObject({ class: errorClass, reason });
    }
  });

  it.each([
    ['57', 57_000],
    ['2.5', 2_500],
    ['0', 0],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
    ['soon', 60_000],
    ['', 60_000],
    [undefined, 60_000],
  ])('waits as long as it is asked to: Retry-After %s', (header, delayMs) => {
    const body = { statusCode: 429, message: 'Rate limit is exceeded. Try again in 57 seconds.' };
    const headers = header === undefined ? {} : { 'retry-after': header };
    expect(failureOf(429, body, headers).error).toMatchObject({
      class: 'Wait',
      reason: 'Throttled',
      delayMs,
    });
  });

  it.each([
    ['', { 'www-authenticate': 'Bearer error="mfa_required"' }],
    [{ error: 'MFA is required' }, {}],
  ])('knows MFA that is asked for without a code', (body, headers) => {
    expect(failureOf(401, body, headers).error).toMatchObject({
      class: 'Terminal',
      reason: 'MfaRequired',
    });
  });

  it('bounds the words of Partner Center that a condition shows', () => {
    const { error } = failureOf(400, { code: 2000, description: 'x'.repeat(5_000) });
    expect(error.message.length).toBeLessThan(400);
  });

  it('shows no ids in those words: they change from call to call', () => {
    const { error } = failureOf(400, { code: 2000, description: `Value ${requestId} is wrong` });
    expect(error.message).not.toContain(requestId);
  });
});
