import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../core/errors.ts';
import { loginError, loginErrors } from './errors.ts';

const secret = 'canary-7f3e';
/** As Microsoft words it: code, text, trace ids, time. */
const description = (code: string) =>
  `AADSTS${code}: Something about '${secret}' is wrong. Trace ID: 0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60 Correlation ID: 3d2c1b0a-5e4f-4a6b-9c8d-7e6f5a4b3c2d Timestamp: 2026-11-24 10:00:00Z`;
const changing = /[0-9a-f]{8}-[0-9a-f]{4}|\d{4}-\d\d-\d\d|AADSTS\d+.*Trace/i;

describe('the table of login errors', () => {
  it.each(Object.entries(loginErrors))('AADSTS%s', (code, row) => {
    const cause = new Error('cause');
    for (const text of [description(code), `invalid_client: Error(s): ${description(code)}`]) {
      const error = loginError(text, cause);
      expect(error).toBeInstanceOf(OperatorError);
      expect(error).toMatchObject({
        class: row.class,
        reason: row.reason,
        message: row.message,
        delayMs: row.delayMs,
        cause,
      });
      expect(error.message).not.toContain(secret);
      expect(error.message).not.toMatch(changing);
    }
    expect(row.reason).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  it('tells codes apart of which one begins with the other', () => {
    expect(loginError(description('70000'), undefined).reason).toBe('RefreshTokenInvalid');
    expect(loginError(description('700016'), undefined).reason).toBe('ApplicationNotFound');
    expect(loginError(description('7000215'), undefined).reason).toBe('ClientSecretInvalid');
    expect(loginError(description('7000222'), undefined).reason).toBe('ClientSecretExpired');
  });

  it('names an unknown code, and waits', () => {
    const error = loginError(description('99999'), undefined);
    expect(error).toMatchObject({ class: 'Wait', reason: 'LoginRefused' });
    expect(error.message).toContain('AADSTS99999');
    expect(error.message).not.toContain(secret);
  });

  it.each(['', 'ETIMEDOUT', '<html>Bad gateway</html>'])(
    'is transient without a code: "%s"',
    (text) => {
      expect(loginError(text, undefined)).toMatchObject({
        class: 'Transient',
        reason: 'LoginUnavailable',
      });
    },
  );

  it('takes a tenant that the library cannot resolve for one that is not there yet', () => {
    const text = 'ClientAuthError: endpoints_resolution_error: Endpoints cannot be resolved';
    expect(loginError(text, undefined)).toMatchObject({ class: 'Wait', reason: 'TenantNotReady' });
  });
});
