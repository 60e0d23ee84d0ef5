/** Address checks: the pre-check call and what customer creation asks for (partner-center.md 2.3-2.5, 3.2). */
import type { ApiResponse } from '../../world.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { type Json, readBody, requireText, text } from '../request-body.ts';
import { attributes, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { rulesOf, rulesToWire } from './country-rules.ts';
import type { Address } from './customer.ts';

/** Longest values (partner-center.md 3.2). */
const LENGTHS: readonly (readonly [member: string, max: number])[] = [
  ['addressLine1', 200],
  ['addressLine2', 200],
  ['firstName', 50],
  ['lastName', 50],
];
/** State values are checked against a list only here (partner-center.md 2.4). */
const STATES_CHECKED = new Set(['US', 'CA', 'CN', 'MX']);

export function getCountryRules(exchange: Exchange): ApiResponse {
  const country = (exchange.params.iso2 ?? '').toUpperCase();
  const rules = rulesOf(country);
  if (rules === undefined) {
    throw invalidInput(`Country '${country}' is not a market of this programme.`);
  }
  const body = { ...rulesToWire(country, rules), attributes: attributes('CountryInformation') };
  return { status: 200, body: present(body) };
}

/** What is wrong with an address for its country; undefined where nothing is. */
function addressProblem(address: Address): string | undefined {
  const rules = rulesOf(address.country);
  if (rules === undefined) {
    return `country '${address.country}' is not known`;
  }
  if (rules.isCityRequired && isBlank(address.city)) {
    return 'city is required';
  }
  return (
    postalCodeProblem(address, rules.isPostalCodeRequired, rules.postalCodeRegex) ??
    stateProblem(address, rules.isStateRequired, rules.states)
  );
}

function postalCodeProblem(address: Address, required: boolean, regex: string): string | undefined {
  if (isBlank(address.postalCode)) {
    return required ? 'postalCode is required' : undefined;
  }
  return new RegExp(regex, 'u').test(address.postalCode ?? '')
    ? undefined
    : `postalCode '${address.postalCode}' does not match ${regex}`;
}

function stateProblem(
  address: Address,
  required: boolean,
  states: readonly string[],
): string | undefined {
  if (isBlank(address.state)) {
    return required ? 'state is required' : undefined;
  }
  const isKnown = !STATES_CHECKED.has(address.country) || states.length === 0;
  return isKnown || states.includes(address.state ?? '')
    ? undefined
    : `state '${address.state}' is not one of ${address.country}`;
}

function isBlank(value: string | undefined): boolean {
  return value === undefined || value.trim() === '';
}

/**
 * Reads and checks the address of a billing profile.
 * @throws CommerceFault 400/2000
 */
export function readAddress(body: Json, path: string): Address {
  for (const [member, max] of LENGTHS) {
    const value = text(body, member);
    if (value !== undefined && value.length > max) {
      throw invalidInput(`Member '${path}.${member}' has more than ${max} characters.`);
    }
  }
  requireText(body, 'addressLine1', `${path}.addressLine1`);
  requireText(body, 'firstName', `${path}.firstName`);
  requireText(body, 'lastName', `${path}.lastName`);
  const address = toAddress(body);
  const problem = addressProblem(address);
  if (problem !== undefined) {
    throw invalidInput(`Member '${path}': ${problem}.`);
  }
  return address;
}

function toAddress(body: Json): Address {
  return { ...body, country: (text(body, 'country') ?? '').toUpperCase() };
}

/**
 * Registration number and phone where the country asks for them (partner-center.md 2.5); elsewhere both are optional.
 * @throws CommerceFault 400/600049, 400/600050, 400/600051
 */
export function checkRegistration(address: Address, registrationNumber: string | undefined): void {
  const rule = rulesOf(address.country)?.registrationNumber;
  if (rule === undefined) {
    return;
  }
  const country = address.country;
  if (isBlank(registrationNumber)) {
    throw registrationFault(600049, `Organization registration number is required in ${country}.`);
  }
  if (!new RegExp(rule.regex, 'u').test(registrationNumber ?? '')) {
    throw registrationFault(
      600050,
      `Organization registration number '${registrationNumber}' does not match ${rule.regex}.`,
    );
  }
  if (isBlank(address.phoneNumber)) {
    throw registrationFault(600051, `Phone number is required in ${country}.`);
  }
}

function registrationFault(code: number, description: string): CommerceFault {
  return new CommerceFault(400, code, description, { errorName: 'InvalidRegistrationData' });
}

/** POST validations/address: an address that fits its country is shippable as it is, others are wrong. */
export function validateAddress(exchange: Exchange): ApiResponse {
  const body = readBody(exchange.request.body, 'Address');
  requireText(body, 'addressLine1');
  requireText(body, 'country');
  const address = toAddress(body);
  const problem = addressProblem(address);
  return {
    status: 200,
    body: present({
      originalAddress: address,
      suggestedAddresses: problem === undefined ? [address] : [],
      status: problem === undefined ? 'VerifiedShippable' : 'None',
      validationMessage: problem === undefined ? undefined : `Address field invalid: ${problem}.`,
      attributes: attributes('AddressValidationResponse'),
    }),
  };
}
