/** Partner Center's codes, as plain reasons. Source: partner-center.md 1.10 and 15 (2026-11-24). */

import * as z from 'zod';
import { type ErrorClass, OperatorError } from '../../core/errors.ts';
import { quotable } from '../../core/quote.ts';
import { type HttpResponse, parseJson, retryAfterMs } from '../http.ts';

type Row = readonly [errorClass: ErrorClass, reason: string, message: string, delayMs?: number];

const minute = 60_000;
const hour = 60 * minute;

export const partnerCenterErrors: Readonly<Record<string, Row>> = {
  '900420': [
    'Terminal',
    'TokenAudienceWrong',
    'Partner Center refuses the token: it is for another service',
  ],
  '900421': [
    'Terminal',
    'MfaRequired',
    'Partner Center wants MFA: get refreshToken again with MFA done',
  ],
  '800001': ['Wait', 'TokenRefused', 'Partner Center does not accept the token', minute],
  '900329': ['Bug', 'AppOnlyNotSupported', 'this call needs app + user access'],
  '900308': [
    'Wait',
    'PermissionDenied',
    'the service user lacks the right in Partner Center or in the customer (GDAP role)',
  ],
  '900309': [
    'Wait',
    'BlockedByConditionalAccess',
    'Conditional Access of the customer blocks the partner',
  ],
  '2030': [
    'Terminal',
    'CountryNotInRegion',
    'the partner may not sell in this country: use a connection of its region',
  ],
  '20002': [
    'Terminal',
    'RelationshipMissing',
    'there is no reseller relationship with this customer',
  ],
  '900149': ['Terminal', 'PartnerInactive', "the partner's CSP programme status is not active"],
  '800039': ['Terminal', 'PartnerInactive', "the reseller's status is not active"],
  '900123': [
    'Terminal',
    'PartnerAgreementMissing',
    'the reseller has not accepted the Microsoft Partner Agreement',
  ],
  '900124': [
    'Terminal',
    'PartnerAgreementMissing',
    'the partner has not accepted the Microsoft Partner Agreement',
  ],
  '13605': ['Wait', 'AgreementMissing', 'the customer agreement is not confirmed yet', minute],
  '600002': [
    'Terminal',
    'RegistrationNumberNotSupported',
    'create.registrationNumber is not used in this country: remove it',
  ],
  '600049': [
    'Terminal',
    'RegistrationNumberMissing',
    'create.registrationNumber is required in this country',
  ],
  '600050': [
    'Terminal',
    'RegistrationNumberInvalid',
    'create.registrationNumber does not have the form of this country',
  ],
  '600051': ['Terminal', 'PhoneMissing', 'create.contact.phone is required in this country'],
  '800073': [
    'Wait',
    'AccountUnderReview',
    "Microsoft reviews the customer's account; nothing can be bought meanwhile",
    hour,
  ],
  '800074': [
    'Wait',
    'AccountUnderReview',
    "Microsoft reviews the customer's account; nothing can be bought meanwhile",
    hour,
  ],
  '800075': ['Terminal', 'AccountNotAllowed', "Microsoft did not approve the customer's account"],
  '900416': ['Terminal', 'AccountLocked', "the customer's account is locked"],
  '800069': ['Terminal', 'RiskCheckFailed', "Microsoft's risk check refuses the order"],
  '800023': ['Terminal', 'CreditExceeded', "the partner's credit line does not allow the order"],
  '800025': ['Terminal', 'CreditExceeded', "the partner's credit line does not allow the order"],
  '900121': ['Terminal', 'CreditExceeded', "the partner's credit line does not allow the order"],
  '800066': ['Terminal', 'TooManySubscriptions', 'the customer has too many subscriptions'],
  '800067': [
    'Terminal',
    'SeatLimitExceeded',
    "the product's seat limit for this customer is reached",
  ],
  '800088': [
    'Terminal',
    'SeatLimitExceeded',
    "the product's seat limit for this customer is reached",
  ],
  '800089': [
    'Terminal',
    'SeatLimitExceeded',
    "the product's ownership limit for this customer is reached",
  ],
  '800018': ['Terminal', 'SandboxLimit', 'a limit of the integration sandbox is reached'],
  '900322': ['Terminal', 'NotSoldInSandbox', 'this product is not sold in the integration sandbox'],
  '800070': ['Terminal', 'OfferNotInCountry', "this offer is not sold in the tenant's country"],
  '400013': [
    'Terminal',
    'OfferNotFound',
    'the catalogue does not have this product: check productId',
  ],
  '400018': ['Terminal', 'OfferNotFound', 'the catalogue does not have this SKU: check skuId'],
  '400019': [
    'Transient',
    'AvailabilityChanged',
    "the offer's availability has changed; it is looked up again",
  ],
  '400072': ['Wait', 'OfferUnavailable', 'the offer is not available at the moment', hour],
  '400041': ['Terminal', 'BaseProductMissing', 'the add-on needs its base product first'],
  '800009': ['Terminal', 'CartRefused', 'Partner Center refuses a line of the cart'],
  '800008': ['Transient', 'CartExpired', 'the cart has expired; a new one is made'],
  '800060': [
    'Wait',
    'OrderInProgress',
    'another order of this customer is being processed',
    2 * minute,
  ],
  '800064': ['Wait', 'OrderInProgress', 'the cart is being processed', minute],
  '800065': [
    'Transient',
    'CartAlreadySubmitted',
    'the cart was submitted before; its orders are read',
  ],
  '800082': ['Wait', 'SubscriptionBusy', 'Microsoft still works on the subscription', 2 * minute],
  '900278': ['Wait', 'SubscriptionBusy', 'an operation on the subscription is pending', 24 * hour],
  '900280': ['Wait', 'SubscriptionBusy', 'the subscription cannot be changed at the moment', hour],
  '900277': [
    'Terminal',
    'SubscriptionEnding',
    'the subscription is about to end and cannot be changed',
  ],
  '900279': ['Terminal', 'SubscriptionEnding', 'the subscription cannot be changed any more'],
  '800090': [
    'Wait',
    'ReductionWindowClosed',
    'seats can be given back within 168 hours of purchase only',
  ],
  '900214': [
    'Wait',
    'ReductionWindowClosed',
    'seats can be given back within 168 hours of purchase only',
  ],
  '900257': [
    'Wait',
    'ReductionWindowClosed',
    'seats can be given back within 168 hours of purchase only',
  ],
  '900275': [
    'Terminal',
    'QuantityInvalid',
    "the quantity is outside the offer's minimum and maximum",
  ],
  '2002': [
    'Terminal',
    'QuantityInvalid',
    "the quantity is outside the offer's minimum and maximum",
  ],
  '2001': ['Wait', 'SubscriptionSuspended', 'the subscription is suspended'],
  '800091': ['Wait', 'SubscriptionSuspended', 'the subscription is suspended'],
  '2011': ['Terminal', 'SubscriptionDeleted', 'the subscription is deleted'],
  '2055': ['Transient', 'ConcurrentChange', 'somebody else changed it meanwhile; it is read again'],
  '800093': ['Terminal', 'NotRenewable', 'the subscription cannot renew by itself'],
  '800094': ['Transient', 'UpdateFailed', 'Microsoft could not update the subscription'],
  '900311': [
    'Terminal',
    'TooManyUpdates',
    'the subscription was changed too often: buy a second one with the same end',
  ],
  '900169': ['Terminal', 'CurrencyNotSupported', 'the currency is not supported'],
  '2000': ['Terminal', 'InvalidRequest', 'Partner Center refuses a value of the request'],
  '3000': ['Terminal', 'InvalidRequest', 'Partner Center refuses a value of the request'],
  '90000': ['Wait', 'LoginRefused', 'Entra refused to issue a token for the customer'],
};

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
