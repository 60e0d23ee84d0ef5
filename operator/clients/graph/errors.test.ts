import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../http.ts';
import { graphErrors, toFailure } from './errors.ts';

const nowMs = Date.parse('2026-11-24T10:00:00Z');
const requestId = '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60';
const failureOf = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response: HttpResponse = { status, headers: { 'request-id': requestId, ...headers }, text };
  return toFailure(response, nowMs);
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

/** graph.md 0.3, its rows in order, with Graph's own words. */
const catalogue: readonly (readonly [number, string, string, string, string])[] = [
  [
    400,
    'Request_BadRequest',
    'Another object with the same value for property userPrincipalName already exists.',
    'Terminal',
    'UserPrincipalNameTaken',
  ],
  [
    400,
    'Request_BadRequest',
    'Another object with the same value for property mailNickname already exists.',
    'Terminal',
    'NameConflict',
  ],
  [
    400,
    'Request_BadRequest',
    'Property userPrincipalName is invalid.',
    'Terminal',
    'InvalidRequest',
  ],
  [
    400,
    'Request_BadRequest',
    'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    'Wait',
    'DomainNotVerified',
  ],
  [
    400,
    'Request_BadRequest',
    "A value is required for property 'displayName' of resource 'User'.",
    'Terminal',
    'InvalidRequest',
  ],
  [
    400,
    'Request_BadRequest',
    'One or more properties contains invalid values.',
    'Terminal',
    'InvalidRequest',
  ],
  [
    400,
    'Request_BadRequest',
    'One or more property values specified are invalid',
    'Transient',
    'NotReplicatedYet',
  ],
  [
    400,
    'Request_BadRequest',
    'The specified password does not comply with password complexity requirements. Please provide a different password.',
    'Terminal',
    'PasswordNotAccepted',
  ],
  [
    400,
    'Request_BadRequest',
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
    'Terminal',
    'DirectorySyncActive',
  ],
  [
    400,
    'Request_BadRequest',
    'License assignment cannot be done for user with invalid usage location.',
    'Wait',
    'UsageLocationNotSet',
  ],
  [
    400,
    'Request_BadRequest',
    `Subscription with SKU ${requestId} does not have any available licenses.`,
    'Wait',
    'WaitingForSeat',
  ],
  [
    400,
    'Request_BadRequest',
    'A conflicting object with one or more of the specified property values is present in the directory',
    'Terminal',
    'UserPrincipalNameTaken',
  ],
  [400, 'Request_BadRequest', 'Not a valid reference update', 'Transient', 'NotReplicatedYet'],
  [
    400,
    'Request_BadRequest',
    `Resource '${requestId}' does not exist or one of its queried reference-property objects are not present.`,
    'Transient',
    'NotReplicatedYet',
  ],
  [
    400,
    'Request_BadRequest',
    "Invalid value specified for property 'onPremisesImmutableId' of resource 'User'.",
    'Terminal',
    'AnchorNotAccepted',
  ],
  [
    400,
    'Directory_ExpiredPageToken',
    'The page token is no longer usable.',
    'Wait',
    'ResyncRequired',
  ],
  [401, 'InvalidAuthenticationToken', 'Access token is empty.', 'Wait', 'TokenRefused'],
  [
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
    'Wait',
    'PermissionDenied',
  ],
  [
    403,
    'Authorization_IdentityDisabled',
    'The identity of the calling application is disabled.',
    'Wait',
    'ApplicationDisabled',
  ],
  [
    403,
    'Authorization_IdentityNotFound',
    'The identity of the calling application could not be established.',
    'Wait',
    'ConsentMissing',
  ],
  [403, 'accessDenied', 'The caller does not have permission.', 'Wait', 'PermissionDenied'],
  [
    403,
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
    'Wait',
    'PremiumLicenseMissing',
  ],
  [403, 'quotaLimitReached', 'The quota limit is reached.', 'Terminal', 'DirectoryQuotaExceeded'],
  [
    400,
    'Request_MultipleObjectsWithSameKeyValue',
    'Multiple objects with the same key value were found.',
    'Terminal',
    'NameConflict',
  ],
  [400, 'Request_ThrottledTemporarily', 'Your request is throttled.', 'Wait', 'Throttled'],
  [403, 'Request_ThrottledPermanently', 'Your request is throttled.', 'Wait', 'Throttled'],
  [400, 'activityLimitReached', 'Too many calls.', 'Wait', 'Throttled'],
  [400, 'TooManyRequests', 'Please retry again later.', 'Wait', 'Throttled'],
  [404, 'Directory_ObjectNotFound', 'Unable to find the object.', 'Transient', 'ObjectNotFound'],
  [400, 'itemNotFound', 'The item is not there.', 'Transient', 'ObjectNotFound'],
  [400, 'Request_UnsupportedQuery', 'Unsupported Query.', 'Terminal', 'InvalidRequest'],
  [
    501,
    'NotImplemented',
    'This operation target is not yet supported.',
    'Terminal',
    'InvalidRequest',
  ],
  [507, 'insufficientStorage', 'No room.', 'Transient', 'GraphUnavailable'],
  [
    403,
    'Directory_QuotaExceeded',
    'The directory object quota limit for the Tenant has been exceeded.',
    'Terminal',
    'DirectoryQuotaExceeded',
  ],
  [
    404,
    'Request_ResourceNotFound',
    `Resource '${requestId}' does not exist or one of its queried reference-property objects are not present.`,
    'Transient',
    'ObjectNotFound',
  ],
  [
    405,
    'Request_BadRequest',
    'Specified HTTP method is not allowed for the request target.',
    'Terminal',
    'InvalidRequest',
  ],
  [
    409,
    'Directory_ConcurrencyViolation',
    'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
    'Transient',
    'ConcurrentChange',
  ],
  [409, 'Request_Conflict', 'Something else holds it.', 'Transient', 'ConcurrentChange'],
  [
    410,
    'syncStateNotFound',
    'The sync state generation is not found; a full synchronization is needed.',
    'Wait',
    'ResyncRequired',
  ],
  [400, 'resyncRequired', 'Resync.', 'Wait', 'ResyncRequired'],
  [410, 'UnknownError', '', 'Wait', 'ResyncRequired'],
  [412, 'PreconditionFailed', 'The ETag is stale.', 'Transient', 'ConcurrentChange'],
  [422, 'Request_UnprocessableEntity', 'Validation failed.', 'Terminal', 'InvalidRequest'],
  [423, 'Locked', 'The resource is locked.', 'Transient', 'ObjectLocked'],
  [
    500,
    'Service_InternalServerError',
    'Encountered an internal server error.',
    'Transient',
    'GraphUnavailable',
  ],
  [502, 'UnknownError', '', 'Transient', 'GraphUnavailable'],
  [503, 'serviceNotAvailable', 'The service is unavailable.', 'Transient', 'GraphUnavailable'],
  [504, 'UnknownError', '', 'Transient', 'GraphUnavailable'],
];

describe('the table of Graph errors', () => {
  it.each(catalogue)('%i %s "%s" is %s %s', (status, code, message, errorClass, reason) => {
    const { error, text } = failureOf(status, body(code, message));
    expect(error).toMatchObject({ class: errorClass, reason, requestId });
    expect(error.message).not.toContain(requestId);
    expect(text).toBe(message);
  });

  it('has no row that no answer of the catalogue reaches', () => {
    const reached = new Set(catalogue.map(([, , , , reason]) => reason));
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
