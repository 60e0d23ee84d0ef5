/**
 * Graph's answers, as plain reasons. Several causes share the code Request_BadRequest, so the message decides there;
 * a 400 that no row knows stays unclassified and is never retried hot. Source: graph.md 0.3 and 10 (2026-11-24).
 */

import * as z from 'zod';
import { type ErrorClass, OperatorError } from '../../core/errors.ts';
import { quotable } from '../../core/quote.ts';
import { type HttpResponse, parseJson, retryAfterMs } from '../http.ts';
import { throttledMessage } from './budget.ts';
import { denialOf } from './denials.ts';

interface Row {
  readonly status?: number;
  readonly code?: string;
  readonly text?: RegExp;
  readonly class: ErrorClass;
  readonly reason: string;
  readonly message: string;
  readonly delayMs?: number;
}

const minute = 60_000;

/** First match wins. */
export const graphErrors: readonly Row[] = [
  {
    text: /Another object with the same value for property userPrincipalName|conflicting object with one or more of the specified property values/i,
    class: 'Terminal',
    reason: 'UserPrincipalNameTaken',
    message:
      'another account of the tenant has this userPrincipalName or one of its addresses: choose another name, or take that account over with entraId',
  },
  {
    text: /Another object with the same value/i,
    class: 'Terminal',
    reason: 'NameConflict',
    message:
      'another object of the tenant has the same value of a unique property: change it here or there',
  },
  {
    text: /domain portion of the userPrincipalName/i,
    class: 'Wait',
    reason: 'DomainNotVerified',
    message: 'the domain of userPrincipalName is not verified in the tenant (yet)',
    delayMs: minute,
  },
  {
    text: /password does not comply/i,
    class: 'Terminal',
    reason: 'PasswordNotAccepted',
    message:
      'Entra refuses the password: put one of at least 8 characters of three kinds into the Secret',
  },
  {
    text: /on-premises mastered/i,
    class: 'Terminal',
    reason: 'DirectorySyncActive',
    message: 'a sync server owns this account: change it in Active Directory',
  },
  {
    text: /invalid usage location/i,
    class: 'Wait',
    reason: 'UsageLocationNotSet',
    message: 'the usage location has not arrived in Entra yet',
    delayMs: 5_000,
  },
  {
    text: /does not have any available licenses/i,
    class: 'Wait',
    reason: 'WaitingForSeat',
    message: 'no seat is free; one is bought or freed by the pool',
    delayMs: 30_000,
  },
  // Texts of the conflicts are unconfirmed (graph.md 16): words that any of them must hold.
  {
    text: /mutually exclusive/i,
    class: 'Terminal',
    reason: 'LicenseConflict',
    message:
      'a service plan of the licence excludes one that the person has: switch one off in disabledServicePlans of the plan',
  },
  {
    text: /service plan.*depends on/i,
    class: 'Terminal',
    reason: 'LicenseDependencyMissing',
    message:
      'a service plan of the licence needs another that the person does not have: add its product, or switch the plan off in disabledServicePlans',
  },
  {
    text: /not available in usage location/i,
    class: 'Terminal',
    reason: 'LicenseProhibitedInUsageLocation',
    message:
      'Microsoft does not offer the licence in the usageLocation of the person: change it, or the plan',
  },
  {
    text: /inherited from a group membership|does not have a corresponding license/i,
    class: 'Transient',
    reason: 'LicenseChangedMeanwhile',
    message: 'the licence is not the own one of the person any more: it is looked at again',
  },
  {
    text: /immutable ?id/i,
    status: 400,
    class: 'Terminal',
    reason: 'AnchorNotAccepted',
    message:
      'Entra refuses the anchor (on a federated domain it is required and cannot be changed): set that of the account in Active Directory',
  },
  {
    code: 'Directory_ConcurrencyViolation',
    class: 'Transient',
    reason: 'ConcurrentChange',
    message: 'Entra is busy with another change of the same object',
  },
  {
    text: /One or more property values specified are invalid|Not a valid reference update|reference-property objects are not present/i,
    status: 400,
    class: 'Transient',
    reason: 'NotReplicatedYet',
    message: 'Entra does not see a related object yet',
  },
  ...['Directory_QuotaExceeded', 'quotaLimitReached'].map(
    (code): Row => ({
      code,
      class: 'Terminal',
      reason: 'DirectoryQuotaExceeded',
      message:
        'the tenant has reached its number of directory objects: verify a domain (50,000 become 300,000), or delete some for good',
    }),
  ),
  {
    code: 'Request_MultipleObjectsWithSameKeyValue',
    class: 'Terminal',
    reason: 'NameConflict',
    message:
      'several objects of the tenant have the same value of a unique property: change all but one',
  },
  // A refusal that comes with another status than 429.
  ...[
    'TooManyRequests',
    'activityLimitReached',
    'Request_ThrottledTemporarily',
    'Request_ThrottledPermanently',
  ].map(
    (code): Row => ({
      code,
      class: 'Wait',
      reason: 'Throttled',
      message: throttledMessage,
      delayMs: code === 'Request_ThrottledPermanently' ? minute : 10_000,
    }),
  ),
  {
    code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    class: 'Wait',
    reason: 'PremiumLicenseMissing',
    message: 'this needs a licence of Entra ID P1 in the tenant: it is left off till then',
  },
  ...['Directory_ObjectNotFound', 'itemNotFound'].map(
    (code): Row => ({
      code,
      class: 'Transient',
      reason: 'ObjectNotFound',
      message: 'Entra does not have (or not see yet) an object that the change is about',
    }),
  ),
  ...['syncStateNotFound', 'resyncRequired', 'Directory_ExpiredPageToken'].map(
    (code): Row => ({
      code,
      class: 'Wait',
      reason: 'ResyncRequired',
      message: 'the directory is read again in full',
      delayMs: 0,
    }),
  ),
  {
    status: 401,
    class: 'Wait',
    reason: 'TokenRefused',
    message: 'Graph does not accept the token',
    delayMs: 10_000,
  },
  {
    status: 403,
    code: 'Authorization_RequestDenied',
    class: 'Wait',
    reason: 'PermissionDenied',
    message: 'Graph denies this to the application: a permission or an Entra role is missing',
    delayMs: minute,
  },
  {
    code: 'Authorization_IdentityNotFound',
    class: 'Wait',
    reason: 'ConsentMissing',
    message:
      'the application has no service principal in this tenant any more: consent to it again',
    delayMs: minute,
  },
  {
    code: 'Authorization_IdentityDisabled',
    class: 'Wait',
    reason: 'ApplicationDisabled',
    message:
      "the tenant's administrator has disabled the operator's application: enable it among the enterprise applications",
    delayMs: minute,
  },
  {
    status: 403,
    class: 'Wait',
    reason: 'PermissionDenied',
    message: 'Graph denies this to the application: a permission or an Entra role is missing',
    delayMs: minute,
  },
  {
    status: 404,
    class: 'Transient',
    reason: 'ObjectNotFound',
    message: 'Entra does not have (or not see yet) an object that the change is about',
  },
  {
    status: 410,
    class: 'Wait',
    reason: 'ResyncRequired',
    message: 'the directory is read again in full',
    delayMs: 0,
  },
  {
    status: 409,
    class: 'Transient',
    reason: 'ConcurrentChange',
    message: 'somebody else changed it meanwhile',
  },
  {
    status: 412,
    class: 'Transient',
    reason: 'ConcurrentChange',
    message: 'somebody else changed it meanwhile',
  },
  {
    status: 423,
    class: 'Transient',
    reason: 'ObjectLocked',
    message: 'the object is locked at the moment',
  },
];

/** Shapes vary (graph.md 0.2): only what is used is read, and null means absent. */
const Code = z.string().nullish().catch(undefined);
const Inner = z.object({ code: Code }).nullish().catch(undefined);
const ErrorBody = z.object({
  error: z.object({
    code: Code,
    message: z
      .union([z.string(), z.object({ value: z.string() }).transform((o) => o.value)])
      .nullish()
      .catch(undefined),
    innerError: Inner,
    innererror: Inner,
  }),
});

export interface GraphFailure {
  readonly status: number;
  readonly code: string;
  /** Graph's own words: for matching and for the log, not for conditions. */
  readonly text: string;
  readonly error: OperatorError;
}

/** `operation`: of the call, as metrics name it. */
export function toFailure(response: HttpResponse, nowMs: number, operation: string): GraphFailure {
  const { status, headers } = response;
  const { code, text, inner } = wordsOf(response);
  const row =
    throttled(response, nowMs) ??
    matchCode(inner) ??
    match(status, code, text) ??
    fallback(status, text);
  const requestId = headers['request-id'];
  const denial = row.reason === 'PermissionDenied' ? denialOf(operation) : undefined;
  const error = new OperatorError(row.class, denial ?? row.message, {
    reason: row.reason,
    ...(row.delayMs === undefined ? {} : { delayMs: row.delayMs }),
    // The budget that is used up is the customer's, not the object's.
    holdsFlow: row.reason === 'Throttled',
    ...(requestId === undefined ? {} : { requestId }),
    cause: new Error(`Graph answered ${status} ${code}: ${text}`),
  });
  return { status, code, text, error };
}

/** What the body says, as far as it is read; empty where it says nothing. */
function wordsOf(response: HttpResponse): { code: string; text: string; inner: string } {
  const body = ErrorBody.safeParse(parseJson(response.text)).data?.error;
  if (body === undefined) return { code: '', text: '', inner: '' };
  const { code, message, innerError, innererror } = body;
  const inner = (innerError ?? innererror)?.code;
  return { code: code ?? '', text: message ?? '', inner: inner ?? '' };
}

function match(status: number, code: string, text: string): Row | undefined {
  return graphErrors.find(
    (row) =>
      (row.status === undefined || row.status === status) &&
      (row.code === undefined || row.code === code) &&
      (row.text === undefined || row.text.test(text)),
  );
}

/** The innermost code that is known says most. */
function matchCode(code: string): Row | undefined {
  return graphErrors.find((row) => row.status === undefined && row.code === code);
}

function throttled(response: HttpResponse, nowMs: number): Row | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const asked = retryAfterMs(response.headers['retry-after'], nowMs);
  if (response.status === 503 && asked === undefined) return undefined;
  return {
    class: 'Wait',
    reason: 'Throttled',
    message: throttledMessage,
    delayMs: asked ?? 10_000,
  };
}

function fallback(status: number, text: string): Row {
  // 501 is said of the request, and stays so.
  const isPassing = status >= 500 && status !== 501;
  if (isPassing || status === 408 || status === 425) {
    return {
      class: 'Transient',
      reason: 'GraphUnavailable',
      message: 'Graph has an error of its own; the operator tries again',
    };
  }
  return {
    class: 'Terminal',
    reason: 'InvalidRequest',
    message: `Graph refuses the request: ${quotable(text)}`,
  };
}
