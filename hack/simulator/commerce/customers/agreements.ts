/** Agreements, account state, application consent (partner-center.md 3.6, 11.1). */
import type { ApiResponse } from '../../world.ts';
import { ROLES, requireDelegatedRole } from '../access.ts';
import { recordAudit } from '../audit.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import {
  isObject,
  type Json,
  readBody,
  requireObject,
  requireText,
  text,
} from '../request-body.ts';
import { attributes, collection, link, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { iso, parseDate } from '../terms.ts';
import type { Agreement, Customer } from './customer.ts';
import { requireCustomer, scopeOf } from './customers.ts';

const CUSTOMER_AGREEMENT = 'MicrosoftCustomerAgreement';
const CLOUD_AGREEMENT = 'MicrosoftCloudAgreement';

const TEMPLATES = [
  {
    templateId: '117a77b0-9360-443b-8795-c6dedc750cf9',
    agreementType: CUSTOMER_AGREEMENT,
    agreementLink: 'https://www.microsoft.com/licensing/docs/customeragreement',
    versionRank: 1,
  },
  {
    templateId: '998b88de-aa99-4388-a42c-1b3517d49490',
    agreementType: CLOUD_AGREEMENT,
    agreementLink: 'https://docs.microsoft.com/partner-center/agreements',
    versionRank: 0,
  },
];

export function listTemplates(exchange: Exchange): ApiResponse {
  const type = askedType(exchange);
  const items = TEMPLATES.filter(({ agreementType }) => type === '*' || agreementType === type);
  return { status: 200, body: collection(items, '/agreements') };
}

/** Without the parameter the calls mean the old Cloud Agreement (partner-center.md 3.6). */
function askedType(exchange: Exchange): string {
  const asked = exchange.request.query.get('agreementType') ?? CLOUD_AGREEMENT;
  const known = TEMPLATES.find(
    ({ agreementType }) => agreementType.toLowerCase() === asked.toLowerCase(),
  );
  if (known === undefined && asked !== '*') {
    throw invalidInput(`Query parameter 'agreementType' is not known: '${asked}'.`);
  }
  return known?.agreementType ?? '*';
}

export function getTemplateDocument(exchange: Exchange): ApiResponse {
  const template = TEMPLATES.find(({ templateId }) => templateId === exchange.params.templateId);
  if (template === undefined) {
    throw new CommerceFault(404, 600009, 'The agreement template does not exist.', {
      errorName: 'AgreementTemplateNotFound',
    });
  }
  const { query } = exchange.request;
  return {
    status: 200,
    body: {
      displayUri: template.agreementLink,
      downloadUri: `${template.agreementLink}/download`,
      language: query.get('language') ?? 'en-US',
      country: query.get('country') ?? exchange.partner.country,
    },
  };
}

export function listAgreements(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const type = askedType(exchange);
  const items = agreementsOf(exchange, customer)
    .filter((agreement) => type === '*' || agreement.type === type)
    .map(agreementToWire);
  return { status: 200, body: collection(items, `/customers/${customer.id}/agreements`) };
}

function agreementsOf(exchange: Exchange, customer: Customer): readonly Agreement[] {
  return commerceOf(exchange.world).agreements.filter(
    ({ customerId, partnerTenantId }) =>
      customerId === customer.id && partnerTenantId === exchange.partner.tenantId,
  );
}

function agreementToWire(agreement: Agreement): Record<string, unknown> {
  const { customerId: _customer, partnerTenantId: _partner, ...members } = agreement;
  return { ...members, agreementLink: TEMPLATES[0]?.agreementLink };
}

/** The partner attests that the customer has accepted; the same contact twice is 600061. */
export function confirmAgreement(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const agreement = readAgreement(exchange, customer);
  const isKnown = agreementsOf(exchange, customer).some(
    (known) =>
      known.type === agreement.type &&
      JSON.stringify(known.primaryContact) === JSON.stringify(agreement.primaryContact),
  );
  if (isKnown) {
    throw new CommerceFault(400, 600061, 'An identical agreement confirmation exists.', {
      errorName: 'PartnerConfirmedAgreementAlreadyExists',
    });
  }
  commerceOf(exchange.world).agreements.push(agreement);
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'create_agreement',
    resourceType: 'agreement',
    resourceId: customer.id,
    newValue: agreementToWire(agreement),
  });
  return { status: 201, body: agreementToWire(agreement) };
}

function readAgreement(exchange: Exchange, customer: Customer): Agreement {
  const body = readBody(exchange.request.body, 'Agreement');
  const template = TEMPLATES.find(({ templateId }) => templateId === text(body, 'templateId'));
  if (template === undefined) {
    throw invalidInput("Member 'templateId' is not a template of GET agreements.");
  }
  const type = requireText(body, 'type');
  if (type !== template.agreementType) {
    throw invalidInput(`Member 'type' must be '${template.agreementType}': '${type}'.`);
  }
  const dateAgreed = requireText(body, 'dateAgreed');
  if ((parseDate(dateAgreed) ?? Number.POSITIVE_INFINITY) > exchange.world.clock.nowMs()) {
    throw invalidInput(`Member 'dateAgreed' must not be in the future: '${dateAgreed}'.`);
  }
  return {
    customerId: customer.id,
    partnerTenantId: exchange.partner.tenantId,
    userId: exchange.caller.userId ?? '',
    templateId: template.templateId,
    type,
    dateAgreed,
    primaryContact: readContact(requireObject(body, 'primaryContact')),
  };
}

function readContact(body: Json): Agreement['primaryContact'] {
  const phoneNumber = text(body, 'phoneNumber');
  return {
    firstName: requireText(body, 'firstName', 'primaryContact.firstName'),
    lastName: requireText(body, 'lastName', 'primaryContact.lastName'),
    email: requireText(body, 'email', 'primaryContact.email'),
    ...(phoneNumber === undefined ? {} : { phoneNumber }),
  };
}

export function getDirectSignStatus(exchange: Exchange): ApiResponse {
  requireCustomer(exchange);
  const body = { isSigned: false, attributes: attributes('DirectSignedCustomerAgreementStatus') };
  return { status: 200, body };
}

/**
 * Nothing is sold without agreement and an account in good standing.
 * @throws CommerceFault 403/13605, 403/800073 under review, 403/800075 not approved.
 */
export function requireMayBuy(exchange: Exchange, customer: Customer): void {
  const { state } = customer.account;
  if (state === 'NotAllowed') {
    throw new CommerceFault(403, 800075, `Account of customer ${customer.id} is not approved.`);
  }
  if (state === 'UnderReview' || state === 'Unknown') {
    throw new CommerceFault(403, 800073, `Account of customer ${customer.id} is under review.`);
  }
  if (!agreementsOf(exchange, customer).some(({ type }) => type === CUSTOMER_AGREEMENT)) {
    throw new CommerceFault(
      403,
      13605,
      `Customer ${customer.id} has not accepted the Microsoft Customer Agreement.`,
    );
  }
}

/** The confirmation that a customer of long standing has. */
export function pastAgreement(
  customer: Customer,
  partnerTenantId: string,
  atMs: number,
): Agreement {
  const { defaultAddress, email } = customer.billingProfile;
  return {
    customerId: customer.id,
    partnerTenantId,
    userId: '',
    templateId: TEMPLATES[0]?.templateId ?? '',
    type: CUSTOMER_AGREEMENT,
    dateAgreed: iso(atMs),
    primaryContact: {
      firstName: defaultAddress.firstName ?? '',
      lastName: defaultAddress.lastName ?? '',
      email,
    },
  };
}

export function getValidationStatus(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const type = exchange.request.query.get('type');
  if (type?.toLowerCase() !== 'account') {
    throw invalidInput(`Query parameter 'type' must be account: '${type}'.`);
  }
  const { state, changedMs } = customer.account;
  return {
    status: 200,
    body: { type: 'account', status: state, lastUpdateDateTime: iso(changedMs) },
  };
}

const CONSENT_ROLES = [
  ROLES.globalAdministrator,
  ROLES.applicationAdministrator,
  ROLES.cloudApplicationAdministrator,
];

/** Makes the service principal and a delegated grant in the customer tenant (partner-center.md 11.1, step 3). */
export function consentApplication(exchange: Exchange): ApiResponse {
  const { world, directory, request } = exchange;
  const customer = requireCustomer(exchange);
  const consent = readConsent(request.body);
  requireDelegatedRole(exchange, customer.id, CONSENT_ROLES);
  const isNew = consent.grants.map(({ enterpriseApplicationId, scope }) =>
    directory.consentApplication(world, customer.id, {
      appId: consent.applicationId,
      displayName: consent.displayName,
      resourceAppId: enterpriseApplicationId,
      scope,
    }),
  );
  if (!isNew.includes(true)) {
    throw new CommerceFault(409, 2000, 'Permission entry already exists.');
  }
  return {
    status: 201,
    headers: { Location: `/v1/customers/${customer.id}/applicationconsents` },
    body: present({
      applicationId: consent.applicationId,
      displayName: consent.displayName,
      applicationGrants: consent.grants,
      links: { self: link(`/customers/${customer.id}/applicationconsents`) },
    }),
  };
}

interface Consent {
  readonly applicationId: string;
  readonly displayName: string;
  readonly grants: readonly { readonly enterpriseApplicationId: string; readonly scope: string }[];
}

/** The contract file has no model of it, so it is read here, in both spellings. */
function readConsent(sent: unknown): Consent {
  const body = lowerNames(sent);
  const applicationId = requireText(body, 'applicationid', 'applicationId');
  const sentGrants = body.applicationgrants;
  if (!Array.isArray(sentGrants) || sentGrants.length === 0) {
    throw invalidInput("Member 'applicationGrants' is required.");
  }
  const grants = sentGrants.map((sentGrant) => {
    const grant = lowerNames(sentGrant);
    return {
      enterpriseApplicationId: requireText(
        grant,
        'enterpriseapplicationid',
        'applicationGrants.enterpriseApplicationId',
      ),
      scope: requireText(grant, 'scope', 'applicationGrants.scope'),
    };
  });
  return { applicationId, displayName: text(body, 'displayname') ?? applicationId, grants };
}

function lowerNames(sent: unknown): Json {
  if (!isObject(sent)) {
    throw invalidInput('The request body must be an object.');
  }
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
