/** Which function answers which endpoint of the contract. */

import { getAuditRecord, listAuditRecords } from './audit.ts';
import { getInvoice, listInvoices, listLineItems, listUnbilled } from './books/invoice-wire.ts';
import {
  getAvailability,
  getProduct,
  getSku,
  listAvailabilities,
  listProducts,
  listSkus,
} from './catalogue/catalogue.ts';
import { checkEligibilities, getPromotion, listPromotions } from './catalogue/promotion-wire.ts';
import { getCountryRules, validateAddress } from './customers/addresses.ts';
import {
  confirmAgreement,
  consentApplication,
  getDirectSignStatus,
  getTemplateDocument,
  getValidationStatus,
  listAgreements,
  listTemplates,
} from './customers/agreements.ts';
import { createCustomer, headDomain } from './customers/customer-create.ts';
import {
  deleteCustomer,
  getBillingProfile,
  getCompanyProfile,
  getCustomDomains,
  getCustomer,
  getOrganization,
  listCustomers,
  patchCustomer,
  putBillingProfile,
} from './customers/customers.ts';
import { addQualification, listQualifications } from './customers/qualifications.ts';
import { getRelationshipRequest } from './customers/relationship-requests.ts';
import { checkoutCart, createCart, getCart, putCart } from './ordering/carts.ts';
import {
  createOrder,
  getOrder,
  getOrderProvisioning,
  listOrders,
  patchOrder,
} from './ordering/orders.ts';
import { listEndDates } from './ordering/term-end-dates.ts';
import {
  createSandboxReseller,
  deleteSandboxReseller,
  getAgreementStatus,
  getMpnProfile,
  listCustomerResellers,
  listRelationships,
} from './resellers/resellers.ts';
import type { Route } from './routing.ts';
import { listSubscribedSkus } from './subscriptions/subscribed-skus.ts';
import { patchSubscription } from './subscriptions/subscription-patch.ts';
import {
  getProvisioningStatus,
  getSubscription,
  listAddOns,
  listSubscriptions,
} from './subscriptions/subscriptions.ts';
import { getSupportContact, putSupportContact } from './subscriptions/support-contact.ts';
import { listEligibilities } from './subscriptions/transition-targets.ts';
import { createTransition, listTransitions } from './subscriptions/transitions.ts';
import { listDeployment, listUsage } from './users/insights.ts';
import { listManagedServices } from './users/managed-services.ts';
import { getUser, listUserLicenses, listUsers, updateLicenses } from './users/users.ts';
import {
  createRegistration,
  getRegistration,
  listEvents,
  replaceRegistration,
} from './webhooks/registration.ts';
import { createValidationEvent, getValidationEvent } from './webhooks/validation-events.ts';

const CUSTOMER = '/v1/customers/{customerId}';
const SUBSCRIPTION = `${CUSTOMER}/subscriptions/{subscriptionId}`;
const SKU = '/products/{productId}/skus/{skuId}';

/** By method and path of the contract; what is missing here is answered with 501. */
export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /v1/countryvalidationrules/{iso2}', getCountryRules],
  ['POST /v1/validations/address', validateAddress],
  ['HEAD /v1/domains/{domain}', headDomain],
  ['GET /v1/customers', listCustomers],
  ['POST /v1/customers', createCustomer],
  ['GET /v1/customers/relationshiprequests', getRelationshipRequest],
  [`GET ${CUSTOMER}`, getCustomer],
  [`PATCH ${CUSTOMER}`, patchCustomer],
  [`DELETE ${CUSTOMER}`, deleteCustomer],
  [`GET ${CUSTOMER}/profiles/billing`, getBillingProfile],
  [`PUT ${CUSTOMER}/profiles/billing`, putBillingProfile],
  [`GET ${CUSTOMER}/profiles/company`, getCompanyProfile],
  [`GET ${CUSTOMER}/organization`, getOrganization],
  [`GET ${CUSTOMER}/customDomains`, getCustomDomains],
  [`GET ${CUSTOMER}/qualifications`, listQualifications],
  [`POST ${CUSTOMER}/qualifications`, addQualification],
  ['GET /v1/agreements', listTemplates],
  ['GET /v1/agreementtemplates/{templateId}/document', getTemplateDocument],
  [`GET ${CUSTOMER}/agreements`, listAgreements],
  [`POST ${CUSTOMER}/agreements`, confirmAgreement],
  [`GET ${CUSTOMER}/directSignedMicrosoftCustomerAgreementStatus`, getDirectSignStatus],
  [`GET ${CUSTOMER}/validationStatus`, getValidationStatus],
  [`POST ${CUSTOMER}/applicationconsents`, consentApplication],
  ['GET /v1/products', listProducts],
  ['GET /v1/products/{productId}', getProduct],
  ['GET /v1/products/{productId}/skus', listSkus],
  [`GET /v1${SKU}`, getSku],
  [`GET /v1${SKU}/availabilities`, listAvailabilities],
  [`GET /v1${SKU}/availabilities/{availabilityId}`, getAvailability],
  ['GET /v1/productpromotions', listPromotions],
  ['GET /v1/productpromotions/{promotion-id}', getPromotion],
  [`POST ${CUSTOMER}/promotionEligibilities`, checkEligibilities],
  [`GET ${CUSTOMER}/products`, listProducts],
  [`GET ${CUSTOMER}/products/{productId}/skus`, listSkus],
  [`GET ${CUSTOMER}${SKU}/availabilities`, listAvailabilities],
  [`POST ${CUSTOMER}/carts`, createCart],
  [`GET ${CUSTOMER}/carts/{cartId}`, getCart],
  [`PUT ${CUSTOMER}/carts/{cartId}`, putCart],
  [`POST ${CUSTOMER}/carts/{cartId}/checkout`, checkoutCart],
  [`GET ${CUSTOMER}/orders`, listOrders],
  [`POST ${CUSTOMER}/orders`, createOrder],
  [`GET ${CUSTOMER}/orders/{orderId}`, getOrder],
  [`PATCH ${CUSTOMER}/orders/{orderId}`, patchOrder],
  [`GET ${CUSTOMER}/orders/{orderId}/provisioningstatus`, getOrderProvisioning],
  [`GET ${CUSTOMER}/subscriptions`, listSubscriptions],
  [`GET ${CUSTOMER}/subscriptions/customTermEndDates`, listEndDates],
  [`GET ${SUBSCRIPTION}`, getSubscription],
  [`PATCH ${SUBSCRIPTION}`, patchSubscription],
  [`GET ${SUBSCRIPTION}/addons`, listAddOns],
  [`GET ${SUBSCRIPTION}/provisioningstatus`, getProvisioningStatus],
  [`GET ${SUBSCRIPTION}/transitionEligibilities`, listEligibilities],
  [`GET ${SUBSCRIPTION}/transitions`, listTransitions],
  [`POST ${SUBSCRIPTION}/transitions`, createTransition],
  [`GET ${SUBSCRIPTION}/supportcontact`, getSupportContact],
  [`PUT ${SUBSCRIPTION}/supportcontact`, putSupportContact],
  [`GET ${CUSTOMER}/subscribedskus`, listSubscribedSkus],
  ['GET /v1/relationships', listRelationships],
  [`GET ${CUSTOMER}/relationships`, listCustomerResellers],
  ['GET /v1/compliance/{ProgramName}/agreementstatus', getAgreementStatus],
  ['GET /v1/profiles/mpn', getMpnProfile],
  ['POST /v1/sandboxIndirectReseller', createSandboxReseller],
  ['DELETE /v1/sandboxIndirectReseller/{resellerId}', deleteSandboxReseller],
  [`GET ${CUSTOMER}/analytics/licenses/deployment`, listDeployment],
  [`GET ${CUSTOMER}/analytics/licenses/usage`, listUsage],
  [`GET ${CUSTOMER}/managedservices`, listManagedServices],
  [`GET ${CUSTOMER}/users`, listUsers],
  [`GET ${CUSTOMER}/users/{userId}`, getUser],
  [`GET ${CUSTOMER}/users/{userId}/licenses`, listUserLicenses],
  [`POST ${CUSTOMER}/users/{userId}/licenseupdates`, updateLicenses],
  ['GET /webhooks/v1/registration', getRegistration],
  ['POST /webhooks/v1/registration', createRegistration],
  ['PUT /webhooks/v1/registration', replaceRegistration],
  ['GET /webhooks/v1/registration/events', listEvents],
  ['POST /webhooks/v1/registration/validationEvents', createValidationEvent],
  ['GET /webhooks/v1/registration/validationEvents/{correlationId}', getValidationEvent],
  ['GET /v1/invoices', listInvoices],
  ['GET /v1/invoices/unbilled/lineitems', listUnbilled],
  ['GET /v1/invoices/{invoiceId}', getInvoice],
  ['GET /v1/invoices/{invoiceId}/lineitems', listLineItems],
  ['GET /v1/auditrecords', listAuditRecords],
  ['GET /auditactivity/v1/auditrecords/{id}', getAuditRecord],
]);
