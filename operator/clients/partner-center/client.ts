/** The port over Partner Center's REST API. No library is fit (partner-center.md section 0). */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { terminal, transient } from '../../core/errors.ts';
import type { HttpResponse } from '../http.ts';
import { claimsOf } from '../identity/tokens.ts';
import { type ConnectionOptions, PartnerCenterConnection, parse, userScope } from './connection.ts';
import type * as port from './port.ts';
import * as wire from './wire.ts';

/** Microsoft Graph: the application consent is for its permissions. */
const graphAppId = '00000003-0000-0000-c000-000000000000';

export function createPartnerCenter(options: ConnectionOptions): port.PartnerCenter {
  const connection = new PartnerCenterConnection(options);
  return {
    partnerTenantId: connection.partnerTenantId,
    get clockOffsetMs() {
      return connection.clockOffsetMs;
    },
    ...access(connection),
    ...companies(connection),
    ...customers(connection),
    ...agreements(connection),
    ...catalog(connection),
    ...purchases(connection),
    ...subscriptions(connection),
  };
}

type Part<K extends keyof port.PartnerCenter> = Pick<port.PartnerCenter, K>;

function access(
  connection: PartnerCenterConnection,
): Part<'verifyAppToken' | 'verifyUserToken' | 'consentApplication'> {
  const { tokens, partnerTenantId, resource } = connection.options;
  return {
    async verifyAppToken(signal) {
      await tokens.app(partnerTenantId, resource, signal);
      await connection.send(
        { method: 'GET', path: '/v1/customers?size=1', as: 'app', operation: 'ListCustomers' },
        signal,
      );
    },
    async verifyUserToken(signal) {
      const token = await tokens.user(partnerTenantId, userScope(resource), signal);
      return { isMfaCompliant: claimsOf(token).amr?.includes('mfa') === true };
    },
    async consentApplication(customerId, scopes, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/applicationconsents`,
          as: 'user',
          operation: 'ConsentApplication',
          body: {
            applicationId: tokens.clientId,
            displayName: 'm365-operator',
            applicationGrants: [{ enterpriseApplicationId: graphAppId, scope: scopes.join(',') }],
          },
        },
        signal,
        (_, answer) => answer.status === 409,
      );
      return written(response);
    },
  };
}

/** What can be asked before a customer exists. */
function companies(
  connection: PartnerCenterConnection,
): Part<'isDomainTaken' | 'getCountryRules' | 'checkAddress'> {
  return {
    async isDomainTaken(domain, signal) {
      // 404 is the answer "free".
      const response = await connection.send(
        { method: 'HEAD', path: `/v1/domains/${domain}`, as: 'app', operation: 'CheckDomain' },
        signal,
        (_, answer) => answer.status === 404,
      );
      return response.status !== 404;
    },
    async getCountryRules(country, signal) {
      return connection.get(
        {
          path: `/v1/countryvalidationrules/${country}`,
          as: 'app',
          operation: 'GetCountryValidationRules',
        },
        wire.WireCountryRules,
        signal,
      );
    },
    async checkAddress(address, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: '/v1/validations/address',
          as: 'app',
          operation: 'ValidateAddress',
          body: wireAddress(address),
        },
        signal,
      );
      const check = parse(wire.WireAddressCheck, response, 'ValidateAddress');
      return {
        status: check.status,
        message: check.validationMessage ?? undefined,
        suggestions: (check.suggestedAddresses ?? []).map(wire.addressLine),
      };
    },
  };
}

function customers(
  connection: PartnerCenterConnection,
): Part<
  'listCustomers' | 'getCustomer' | 'findCustomerByDomain' | 'createCustomer' | 'getAccountStatus'
> {
  return {
    async listCustomers(signal) {
      return connection.list(
        { path: '/v1/customers?size=500', as: 'app', operation: 'ListCustomers' },
        wire.WireCustomer,
        signal,
      );
    },
    async getCustomer(id, signal) {
      return connection.find(
        { path: `/v1/customers/${id}`, as: 'app', operation: 'GetCustomer' },
        wire.WireCustomer,
        { signal, codes: ['20002', '60003'] },
      );
    },
    async findCustomerByDomain(domain, signal) {
      const filter = JSON.stringify({ Field: 'Domain', Value: domain, Operator: 'starts_with' });
      const found = await connection.list(
        {
          path: `/v1/customers?size=500&filter=${encodeURIComponent(filter)}`,
          as: 'app',
          operation: 'FindCustomer',
        },
        wire.WireCustomer,
        signal,
      );
      return found.find((customer) => customer.domain === domain.toLowerCase());
    },
    async createCustomer(customer, requestId, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: '/v1/customers',
          as: 'app',
          operation: 'CreateCustomer',
          requestId,
          body: newCustomer(customer),
        },
        signal,
      );
      const created = parse(wire.WireCreatedCustomer, response, 'CreateCustomer');
      return { id: created.id, admin: created.userCredentials, ...written(response) };
    },
    async getAccountStatus(customerId, signal) {
      const status = await connection.find(
        {
          path: `/v1/customers/${customerId}/validationStatus?type=account`,
          as: 'user',
          operation: 'GetValidationStatus',
        },
        z.object({ status: z.string() }),
        { signal, codes: ['600074'] },
      );
      return status?.status;
    },
  };
}

function wireAddress(address: port.Address): Record<string, unknown> {
  return {
    country: address.country,
    city: address.city,
    addressLine1: address.line1,
    addressLine2: address.line2,
    state: address.state,
    postalCode: address.postalCode,
    phoneNumber: address.phone,
  };
}

function newCustomer(customer: port.NewCustomer): Record<string, unknown> {
  const { firstName, lastName } = customer;
  return {
    enableGDAPByDefault: true,
    companyProfile: {
      domain: customer.domain,
      organizationRegistrationNumber: customer.registrationNumber,
    },
    billingProfile: {
      email: customer.email,
      culture: customer.culture,
      language: customer.language,
      companyName: customer.companyName,
      firstName,
      lastName,
      defaultAddress: { ...wireAddress(customer.address), firstName, lastName },
    },
  };
}

const agreementType = 'MicrosoftCustomerAgreement';

function agreements(
  connection: PartnerCenterConnection,
): Part<'getAgreementTemplateId' | 'getAgreement' | 'confirmAgreement'> {
  return {
    async getAgreementTemplateId(signal) {
      const templates = await connection.list(
        {
          path: `/v1/agreements?agreementType=${agreementType}`,
          as: 'user',
          operation: 'ListAgreementTemplates',
        },
        wire.WireAgreementTemplate,
        signal,
      );
      const newest = templates.sort((a, b) => (b.versionRank ?? 0) - (a.versionRank ?? 0))[0];
      if (newest !== undefined) return newest.templateId;
      throw terminal('Partner Center offers no Microsoft Customer Agreement to this partner', {
        reason: 'AgreementTemplateMissing',
      });
    },
    async getAgreement(customerId, signal) {
      const found = await connection.list(
        {
          path: `/v1/customers/${customerId}/agreements?agreementType=${agreementType}`,
          as: 'user',
          operation: 'GetAgreement',
        },
        wire.WireAgreement,
        signal,
      );
      return found.sort((a, b) => b.dateAgreed.localeCompare(a.dateAgreed))[0];
    },
    async confirmAgreement(customerId, agreement, signal) {
      const { phone, ...contact } = agreement.primaryContact;
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/agreements`,
          as: 'user',
          operation: 'ConfirmAgreement',
          body: {
            primaryContact: { ...contact, phoneNumber: phone },
            templateId: agreement.templateId,
            dateAgreed: agreement.dateAgreed,
            type: agreementType,
          },
        },
        signal,
        ({ code }) => code === '600061',
      );
      return written(response);
    },
  };
}

function catalog(
  connection: PartnerCenterConnection,
): Part<'getCatalogItem' | 'listAvailabilities'> {
  return {
    async getCatalogItem(productId, skuId, country, signal) {
      return connection.find(
        {
          path: `/v1/products/${productId}/skus/${skuId}?country=${country}`,
          as: 'app',
          operation: 'GetSku',
        },
        wire.WireSku,
        { signal, codes: ['400013', '400018'] },
      );
    },
    async listAvailabilities(customerId, productId, skuId, signal) {
      const found = await connection.list(
        {
          path: `/v1/customers/${customerId}/products/${productId}/skus/${skuId}/availabilities`,
          as: 'app',
          operation: 'ListAvailabilities',
        },
        wire.WireAvailability,
        signal,
      );
      return found.flat();
    },
  };
}

function purchases(connection: PartnerCenterConnection): Part<'createCart' | 'checkoutCart'> {
  return {
    async createCart(customerId, line, requestId, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/carts`,
          as: 'app',
          operation: 'CreateCart',
          requestId,
          body: {
            partnerOnRecordAttestationAccepted: true,
            lineItems: [
              {
                id: 0,
                catalogItemId: line.catalogItemId,
                friendlyName: line.friendlyName,
                quantity: line.quantity,
                termDuration: line.term,
                billingCycle: line.billingCycle,
              },
            ],
          },
        },
        signal,
      );
      return { ...parse(wire.WireCart, response, 'CreateCart'), ...written(response) };
    },
    async checkoutCart(customerId, cartId, requestId, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/carts/${cartId}/checkout`,
          as: 'app',
          operation: 'CheckoutCart',
          requestId,
        },
        signal,
      );
      return { ...parse(wire.WireCheckout, response, 'CheckoutCart'), ...written(response) };
    },
  };
}

function subscriptions(
  connection: PartnerCenterConnection,
): Part<'listSubscriptions' | 'changeSubscription'> {
  return {
    async listSubscriptions(customerId, signal) {
      return connection.list(
        {
          path: `/v1/customers/${customerId}/subscriptions`,
          as: 'app',
          operation: 'ListSubscriptions',
        },
        wire.WireSubscription,
        signal,
      );
    },
    async changeSubscription(customerId, subscriptionId, change, signal) {
      const path = `/v1/customers/${customerId}/subscriptions/${subscriptionId}`;
      const resource = await connection.get(
        { path, as: 'app', operation: 'GetSubscription' },
        z.record(z.string(), z.unknown()),
        signal,
      );
      const before = wire.WireSubscription.safeParse(resource).data;
      if (before === undefined) {
        throw transient('the subscription as read does not have the expected form', {
          reason: 'UnexpectedAnswer',
        });
      }
      const response = await connection.send(
        {
          method: 'PATCH',
          path,
          as: 'app',
          operation: 'UpdateSubscription',
          body: wire.changedSubscription(resource, change),
          headers: ifMatch(resource),
          requestId: randomUUID(),
        },
        signal,
      );
      return { before, ...written(response) };
    },
  };
}

/** Only where the resource carries an etag: new-commerce subscriptions show none (partner-center.md 1.6). */
function ifMatch(resource: Readonly<Record<string, unknown>>): Record<string, string> {
  const attributes = z.object({ etag: z.string() }).safeParse(resource['attributes']).data;
  return attributes === undefined ? {} : { 'if-match': `"${attributes.etag.replaceAll('"', '')}"` };
}

function written(response: HttpResponse): port.Written {
  return { requestId: response.headers['ms-requestid'] };
}
