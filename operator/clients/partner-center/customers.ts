/** Customers, and what can be asked before there is one (partner-center.md 2.3, 3). */
import * as z from 'zod';
import { type PartnerCenterConnection, parse } from './connection.ts';
import { type Part, written } from './part.ts';
import type { Address, NewCustomer } from './port.ts';
import * as wire from './wire.ts';

/** What can be asked before a customer exists. */
export function companies(
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

export function customers(
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

function wireAddress(address: Address): Record<string, unknown> {
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

function newCustomer(customer: NewCustomer): Record<string, unknown> {
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
