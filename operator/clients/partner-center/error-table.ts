/** Partner Center's codes, as plain reasons. Source: partner-center.md 1.10 and 15 (2026-11-24). */
import type { ErrorClass } from '../../core/errors.ts';

export type Row = readonly [
  errorClass: ErrorClass,
  reason: string,
  message: string,
  delayMs?: number,
];

export const minute = 60_000;
const hour = 60 * minute;

const reductionClosed: Row = [
  'Wait',
  'ReductionWindowClosed',
  'seats can be given back within 168 hours of purchase only',
];
const cancellationClosed: Row = [
  'Wait',
  'CancellationWindowClosed',
  'a subscription can be cancelled within 168 hours of purchase or renewal only',
];
const endDateInvalid: Row = [
  'Transient',
  'EndDateInvalid',
  'the end date is not allowed (any more): the allowed ones are read again',
];
const transitionRefused: Row = [
  'Terminal',
  'TransitionRefused',
  'the subscription cannot become this product',
];
const renewalRefused: Row = [
  'Terminal',
  'TermInvalid',
  'the product is not sold with this term and billing cycle',
];
const resellerUnknown: Row = [
  'Terminal',
  'ResellerUnknown',
  'Partner Center does not know this reseller',
];

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
  '800090': reductionClosed,
  '900214': reductionClosed,
  '900257': reductionClosed,
  '900213': cancellationClosed,
  '900117': cancellationClosed,
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
  '900419': [
    'Terminal',
    'TooManySubscriptions',
    'the partner has too many subscriptions: ask Microsoft to raise the limit',
  ],
  '400030': [
    'Terminal',
    'SegmentNotAllowed',
    'this customer segment may not be sold to: the customer lacks its qualification',
  ],
  '400036': [
    'Terminal',
    'CatalogViewNotAllowed',
    'this part of the catalogue is not open to the partner',
  ],
  '2054': ['Terminal', 'BillingCycleFixed', 'the billing cycle cannot be changed within the term'],
  '800107': ['Terminal', 'TrialTermFixed', 'the term of a trial cannot be changed: convert it'],
  '800121': ['Terminal', 'TermInvalid', 'the product is not sold for this term'],
  '800122': ['Terminal', 'TermInvalid', 'a term can only become longer'],
  '900242': endDateInvalid,
  '900244': endDateInvalid,
  '900245': endDateInvalid,
  '900246': endDateInvalid,
  '900203': [
    'Terminal',
    'AttestationMissing',
    'the product needs an attestation that the customer gives',
  ],
  '900206': ['Bug', 'AttestationMissing', 'the attestation of the partner was left out'],
  '900236': transitionRefused,
  '900258': transitionRefused,
  '900259': transitionRefused,
  '900260': transitionRefused,
  '900261': transitionRefused,
  '900267': renewalRefused,
  '900268': renewalRefused,
  '900269': renewalRefused,
  '900270': renewalRefused,
  '900263': [
    'Terminal',
    'LegacySubscription',
    'a subscription from before new commerce cannot be changed this way',
  ],
  '20000': ['Transient', 'OrderUnknown', 'Partner Center does not know the order (yet)'],
  '20003': [
    'Transient',
    'SubscriptionUnknown',
    'Partner Center does not know the subscription (any more); all are read again',
  ],
  '900316': [
    'Terminal',
    'CustomerAccessMissing',
    'the partner has no delegated access to the licences of this customer',
  ],
  '60002': ['Transient', 'UserUnknown', 'Partner Center does not know the user (any more)'],
  '60003': ['Terminal', 'CustomerUnknown', 'Partner Center does not know the customer'],
  '60012': ['Wait', 'NoSeatsLeft', 'no seats are left: buy some first', minute],
  '2200': resellerUnknown,
  '2201': ['Terminal', 'ResellerNotInRegion', 'the reseller is of another region than the partner'],
  '2202': resellerUnknown,
  '2203': [
    'Terminal',
    'PartnerAgreementMissing',
    'the reseller has not accepted the Microsoft Partner Agreement',
  ],
  '2204': resellerUnknown,
  '2205': resellerUnknown,
  '2206': resellerUnknown,
};
