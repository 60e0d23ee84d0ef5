/** An answer of Partner Center that is not a success, as an OperatorError. */

import * as z from 'zod';
import { OperatorError } from '../../core/errors.ts';
import { quotable } from '../../core/quote.ts';
import { type HttpResponse, parseJson, retryAfterMs } from '../http.ts';
import { minute, partnerCenterErrors, type Row } from './error-table.ts';

/** Only creating a customer answers so: somebody took the prefix after it was asked for (partner-center.md 15.6). */
const domainTaken: Row = [
  'Terminal',
  'DomainPrefixTaken',
  'create.domainPrefix is taken by another tenant: choose another, or connect to the tenant',
];

const ErrorBody = z.object({
  code: z.union([z.string(), z.number()]).nullish(),
  description: z.string().nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
});

export interface PartnerCenterFailure {
  /** Partner Center's own code, or the HTTP status where there is none. */
  readonly code: string;
  readonly error: OperatorError;
}

/** An answer that is no success, classified: by code first, by status otherwise. */
export function toFailure(response: HttpResponse, nowMs: number): PartnerCenterFailure {
  const body = ErrorBody.safeParse(parseJson(response.text)).data;
  const code = String(body?.code ?? response.status);
  const isDomainTaken = response.status === 409 && code === '2000';
  const row = isDomainTaken
    ? domainTaken
    : (partnerCenterErrors[code] ?? byStatus(response, nowMs));
  const [errorClass, reason, message, delayMs] = row;
  const requestId = response.headers['ms-requestid'];
  const error = new OperatorError(errorClass, withDetail(reason, message, body), {
    reason,
    ...(delayMs === undefined ? {} : { delayMs }),
    // The budget that is used up is the customer's, not the object's.
    holdsFlow: reason === 'Throttled',
    ...(requestId === undefined ? {} : { requestId }),
    cause: new Error(`Partner Center answered ${response.status} code ${code}`),
  });
  return { code, error };
}

/** Partner Center's own words help where our table cannot say which value is wrong. They hold no secrets. */
function withDetail(
  reason: string,
  message: string,
  body: z.infer<typeof ErrorBody> | undefined,
): string {
  const detail = body?.description ?? body?.message;
  if (reason !== 'InvalidRequest' || detail === undefined || detail === null) return message;
  return `${message}: ${quotable(detail)}`;
}

function byStatus(response: HttpResponse, nowMs: number): Row {
  const { status } = response;
  if (status === 429) {
    const delayMs = retryAfterMs(response.headers['retry-after'], nowMs) ?? minute;
    return ['Wait', 'Throttled', 'Partner Center asks to wait', delayMs];
  }
  if (status === 401) return unauthorized(response);
  if (status === 403)
    return [
      'Wait',
      'PermissionDenied',
      'Partner Center denies the call to this application or service user',
    ];
  if (status === 409 || status === 412)
    return ['Transient', 'ConcurrentChange', 'somebody else changed it meanwhile'];
  if (status >= 500 || status === 408)
    return [
      'Transient',
      'PartnerCenterUnavailable',
      'Partner Center has an error of its own; the operator tries again',
    ];
  return ['Terminal', 'InvalidRequest', 'Partner Center refuses the request'];
}

function unauthorized(response: HttpResponse): Row {
  const text = `${response.headers['www-authenticate'] ?? ''} ${response.text}`;
  if (/mfa/i.test(text))
    return partnerCenterErrors['900421'] ?? ['Terminal', 'MfaRequired', 'Partner Center wants MFA'];
  return ['Wait', 'TokenRefused', 'Partner Center does not accept the token', minute];
}
