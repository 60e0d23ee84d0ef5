import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphAnswers } from '../../../hack/testing/graph-answers.ts';
import type { HttpResponse } from '../http.ts';
import { graphErrors } from './error-table.ts';
import { toFailure } from './errors.ts';

const nowMs = Date.parse('2026-11-24T10:00:00Z');
const requestId = '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60';
const failureOf = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  operation = 'GetUser',
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response: HttpResponse = { status, headers: { 'request-id': requestId, ...headers }, text };
  return toFailure(response, nowMs, operation);
};
const body = (code: string, message: string) => ({
  error: {
    code,
    message,
    innerError: { date: '2026-08-20T10:11:12', 'request-id': requestId },
  },
});

/** JSON has no words for some of what `fc.anything` makes. */
const replacer = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

describe('the table of Graph errors', () => {
  it.each(graphAnswers)('%i %s "%s" is %s %s', (status, code, message, errorClass, reason) => {
    const { error, text } = failureOf(status, body(code, message));
    expect(error).toMatchObject({ class: errorClass, reason, requestId });
    expect(error.message).not.toContain(requestId);
    expect(text).toBe(message);
  });

  it.each([
    ['PurgeUser', 'User.DeleteRestore.All', 'deleting and restoring users'],
    ['InviteGuest', 'User.ReadWrite.All', 'creating and changing users'],
    ['AssignLicense', 'LicenseAssignment.ReadWrite.All', 'licences'],
    ['SetPassword', 'User-PasswordProfile.ReadWrite.All', 'resetting passwords'],
  ])('names the permission that %s needs, and what it is for', (operation, permission, feature) => {
    const denied = body('Authorization_RequestDenied', 'Insufficient privileges.');
    const { error } = failureOf(403, denied, {}, operation);
    expect(error.reason).toBe('PermissionDenied');
    expect(error.message).toContain(`${feature}: it needs the permission ${permission}`);
  });

  it('says of an account that an Entra role may be missing instead', () => {
    const denied = body('Authorization_RequestDenied', 'Insufficient privileges.');
    const said = (operation: string) => failureOf(403, denied, {}, operation).error.message;
    expect(said('RestoreUser')).toContain('Entra role');
    expect(said('AddDomain')).not.toContain('Entra role');
    expect(said('CreateRelationship')).toContain('a permission or an Entra role is missing');
  });

  it('says what to do wherever only people can mend it', () => {
    const mute = graphErrors.filter(
      ({ class: of, message }) => of === 'Terminal' && !/: /.test(message),
    );
    expect(mute).toEqual([]);
  });

  it('has no row that no answer reaches', () => {
    const reached = new Set(graphAnswers.map(([, , , , reason]) => reason));
    expect(
      graphErrors.map(({ reason }) => reason).filter((reason) => !reached.has(reason)),
    ).toEqual([]);
    for (const { reason } of graphErrors) expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  it.each([
    [
      'message as an object',
      {
        error: {
          code: 'Request_BadRequest',
          message: {
            lang: 'en',
            value:
              'Another object with the same value for property userPrincipalName already exists.',
          },
        },
      },
    ],
    [
      'details as one object',
      {
        error: {
          code: 'Request_BadRequest',
          message:
            'Another object with the same value for property userPrincipalName already exists.',
          details: { code: 'ObjectConflict', message: null, target: 'userPrincipalName' },
        },
      },
    ],
    [
      'details as a list with nulls',
      {
        error: {
          code: 'Request_BadRequest',
          message:
            'Another object with the same value for property userPrincipalName already exists.',
          details: [{ code: 'ObjectConflict', message: null, target: null }],
        },
      },
    ],
    [
      'innererror in lower case',
      {
        error: {
          code: 'Request_BadRequest',
          message:
            'Another object with the same value for property userPrincipalName already exists.',
          innererror: {},
        },
      },
    ],
    [
      'no code',
      {
        error: {
          code: null,
          message:
            'Another object with the same value for property userPrincipalName already exists.',
        },
      },
    ],
  ])('reads an odd shape: %s', (_, odd) => {
    expect(failureOf(400, odd).error.reason).toBe('UserPrincipalNameTaken');
  });

  it('survives any body, and sees none as a reason to repeat a request that was refused', () => {
    const refused = fc.constantFrom(400, 402, 405, 406, 411, 413, 414, 415, 416, 422, 501);
    const odd = fc.record({
      error: fc.record(
        {
          code: fc.anything(),
          message: fc.anything(),
          details: fc.anything(),
          innerError: fc.anything(),
          innererror: fc.anything(),
        },
        { requiredKeys: [] },
      ),
    });
    fc.assert(
      fc.property(
        refused,
        fc.oneof(
          fc.json(),
          odd.map((value) => JSON.stringify(value, replacer)),
          fc.string(),
        ),
        (status, text) => {
          const { error } = failureOf(status, text);
          expect(error).toMatchObject({ class: 'Terminal', reason: 'InvalidRequest' });
          expect(error.message.length).toBeLessThan(1_000);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('reads the code that stands further inside', () => {
    const inner = {
      error: { code: 'badRequest', message: 'Resync.', innerError: { code: 'resyncRequired' } },
    };
    expect(failureOf(400, inner).error.reason).toBe('ResyncRequired');
  });

  it.each(['', '<html>gateway</html>', '[]', 'null', '{"error":"text"}'])(
    'never fails on what is no error body: %s',
    (text) => {
      expect(failureOf(502, text).error).toMatchObject({ class: 'Transient' });
      expect(failureOf(400, text).error).toMatchObject({
        class: 'Terminal',
        reason: 'InvalidRequest',
      });
    },
  );

  it.each([
    [429, '2.128', 2_128],
    [429, '120', 120_000],
    [429, 'Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
    [429, undefined, 10_000],
    [429, '', 10_000],
    [429, 'soon', 10_000],
    [503, '7', 7_000],
  ])('%i waits as long as it is asked to: Retry-After %s', (status, header, delayMs) => {
    const headers = header === undefined ? {} : { 'retry-after': header };
    const { error } = failureOf(
      status,
      body('TooManyRequests', 'Please retry again later.'),
      headers,
    );
    expect(error).toMatchObject({ class: 'Wait', reason: 'Throttled' });
    expect(error.delayMs).toBeCloseTo(delayMs, 6);
  });

  it('bounds what it quotes, and takes ids out: they change from call to call', () => {
    const { error } = failureOf(
      400,
      body('Request_BadRequest', `${requestId} ${'x'.repeat(5_000)}`),
    );
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).toContain('…');
  });
});
