/** Which model of the contract each endpoint answers with (partner-center.md 3-10). Tests check answers by it. */

/** `one`: the model itself; `list`: a collection of it; `array`: a bare array of it; `bare`: a body without a model. */
export interface Answered {
  readonly model: string;
  readonly as: 'one' | 'list' | 'array' | 'bare';
}

const CUSTOMER = '/v1/customers/{customerId}';
const SUBSCRIPTION = `${CUSTOMER}/subscriptions/{subscriptionId}`;
const SKU = '/products/{productId}/skus/{skuId}';

const one = (model: string): Answered => ({ model, as: 'one' });
const list = (model: string): Answered => ({ model, as: 'list' });
const array = (model: string): Answered => ({ model, as: 'array' });
/** No model is published. */
const BARE: Answered = { model: '', as: 'bare' };

export const ANSWERED: ReadonlyMap<string, Answered> = new Map([
  ['GET /v1/countryvalidationrules/{iso2}', one('CountryValidationRules')],
  ['POST /v1/validations/address', one('AddressValidationResponse')],
  ['GET /v1/customers', list('Customer')],
  ['POST /v1/customers', one('Customer')],
  ['GET /v1/customers/relationshiprequests', one('CustomerRelationshipRequest')],
  [`GET ${CUSTOMER}`, one('Customer')],
  [`PATCH ${CUSTOMER}`, one('Customer')],
  [`GET ${CUSTOMER}/profiles/billing`, one('CustomerBillingProfile')],
  [`PUT ${CUSTOMER}/profiles/billing`, one('CustomerBillingProfile')],
  [`GET ${CUSTOMER}/profiles/company`, one('CustomerCompanyProfile')],
  [`GET ${CUSTOMER}/organization`, one('CustomerCompanyProfile')],
  [`GET ${CUSTOMER}/customDomains`, { model: '', as: 'list' }],
  [`GET ${CUSTOMER}/qualifications`, array('CustomerQualificationV2')],
  [`POST ${CUSTOMER}/qualifications`, one('CustomerQualificationV2')],
  ['GET /v1/agreements', list('AgreementMetaData')],
  ['GET /v1/agreementtemplates/{templateId}/document', one('AgreementDocument')],
  [`GET ${CUSTOMER}/agreements`, list('Agreement')],
  [`POST ${CUSTOMER}/agreements`, one('Agreement')],
  [
    `GET ${CUSTOMER}/directSignedMicrosoftCustomerAgreementStatus`,
    one('DirectSignedCustomerAgreementStatus'),
  ],
  [`GET ${CUSTOMER}/validationStatus`, one('ValidationStatus')],
  [`POST ${CUSTOMER}/applicationconsents`, BARE],
  ['GET /v1/products', list('Product')],
  ['GET /v1/products/{productId}', one('Product')],
  ['GET /v1/products/{productId}/skus', list('Sku')],
  [`GET /v1${SKU}`, one('Sku')],
  [`GET /v1${SKU}/availabilities`, list('Availability')],
  [`GET /v1${SKU}/availabilities/{availabilityId}`, one('Availability')],
  ['GET /v1/productpromotions', list('ProductPromotion')],
  ['GET /v1/productpromotions/{promotion-id}', one('ProductPromotion')],
  [`POST ${CUSTOMER}/promotionEligibilities`, list('PromotionEligibilities')],
  [`GET ${CUSTOMER}/products`, list('Product')],
  [`GET ${CUSTOMER}/products/{productId}/skus`, list('Sku')],
  [`GET ${CUSTOMER}${SKU}/availabilities`, list('Availability')],
  [`POST ${CUSTOMER}/carts`, one('Cart')],
  [`GET ${CUSTOMER}/carts/{cartId}`, one('Cart')],
  [`PUT ${CUSTOMER}/carts/{cartId}`, one('Cart')],
  [`POST ${CUSTOMER}/carts/{cartId}/checkout`, one('CartCheckoutResult')],
  [`GET ${CUSTOMER}/orders`, list('Order')],
  [`POST ${CUSTOMER}/orders`, one('Order')],
  [`GET ${CUSTOMER}/orders/{orderId}`, one('Order')],
  [`PATCH ${CUSTOMER}/orders/{orderId}`, one('Order')],
  [`GET ${CUSTOMER}/orders/{orderId}/provisioningstatus`, list('OrderLineItemProvisioningStatus')],
  [`GET ${CUSTOMER}/subscriptions`, list('Subscription')],
  [`GET ${CUSTOMER}/subscriptions/customTermEndDates`, list('CustomTermEndDate')],
  [`GET ${SUBSCRIPTION}`, one('Subscription')],
  [`PATCH ${SUBSCRIPTION}`, one('Subscription')],
  [`GET ${SUBSCRIPTION}/addons`, list('Subscription')],
  [`GET ${SUBSCRIPTION}/provisioningstatus`, one('SubscriptionProvisioningStatus')],
  [`GET ${SUBSCRIPTION}/transitionEligibilities`, list('TransitionEligibility')],
  [`GET ${SUBSCRIPTION}/transitions`, list('Transition')],
  [`POST ${SUBSCRIPTION}/transitions`, one('Transition')],
  [`GET ${SUBSCRIPTION}/supportcontact`, one('SupportContact')],
  [`PUT ${SUBSCRIPTION}/supportcontact`, one('SupportContact')],
  [`GET ${CUSTOMER}/subscribedskus`, list('SubscribedSku')],
  ['GET /v1/relationships', list('PartnerRelationship')],
  [`GET ${CUSTOMER}/relationships`, list('PartnerRelationship')],
  ['GET /v1/compliance/{ProgramName}/agreementstatus', one('AgreementSignatureStatus')],
  ['GET /v1/profiles/mpn', one('MpnProfile')],
  ['POST /v1/sandboxIndirectReseller', one('PartnerRelationship')],
  [`GET ${CUSTOMER}/analytics/licenses/deployment`, list('CustomerLicensesDeploymentInsights')],
  [`GET ${CUSTOMER}/analytics/licenses/usage`, list('CustomerLicensesUsageInsights')],
  [`GET ${CUSTOMER}/managedservices`, list('ManagedService')],
  [`GET ${CUSTOMER}/users`, list('CustomerUser')],
  [`GET ${CUSTOMER}/users/{userId}`, one('CustomerUser')],
  [`GET ${CUSTOMER}/users/{userId}/licenses`, list('License')],
  [`POST ${CUSTOMER}/users/{userId}/licenseupdates`, one('LicenseUpdate')],
  ['GET /webhooks/v1/registration', one('WebhookRegistration')],
  ['POST /webhooks/v1/registration', one('WebhookRegistration')],
  ['PUT /webhooks/v1/registration', one('WebhookRegistration')],
  ['GET /webhooks/v1/registration/events', { model: '', as: 'array' }],
  ['POST /webhooks/v1/registration/validationEvents', one('WebhookValidationEvent')],
  ['GET /webhooks/v1/registration/validationEvents/{correlationId}', one('WebhookValidationEvent')],
  ['GET /v1/invoices', list('Invoice')],
  ['GET /v1/invoices/unbilled/lineitems', list('OneTimeInvoiceLineItem')],
  ['GET /v1/invoices/{invoiceId}', one('Invoice')],
  ['GET /v1/invoices/{invoiceId}/lineitems', list('OneTimeInvoiceLineItem')],
  ['GET /v1/auditrecords', list('AuditRecord')],
  ['GET /auditactivity/v1/auditrecords/{id}', one('AuditRecord')],
]);
