/** What Partner Center's rules of a country say about a declared company. Pure. */
import type { M365TenantSpec } from '../../api/m365-tenant.ts';
import type { CountryRules } from '../../clients/partner-center/port.ts';

type Create = NonNullable<M365TenantSpec['create']>;

/** One sentence on the first thing that is wrong, and what is allowed; undefined: nothing. */
export function addressProblem(create: Create, rules: CountryRules): string | undefined {
  return (
    stateProblem(create, rules) ??
    postalCodeProblem(create, rules) ??
    languageProblem(create, rules)
  );
}

function stateProblem({ address, country }: Create, rules: CountryRules): string | undefined {
  if (!rules.isStateRequired) return undefined;
  if (address.state === undefined) return `create.address.state is required in ${country}`;
  if (rules.states.length === 0 || rules.states.includes(address.state)) return undefined;
  return `create.address.state "${address.state}" is none of ${country}: ${rules.states.join(', ')}`;
}

function postalCodeProblem({ address, country }: Create, rules: CountryRules): string | undefined {
  const { postalCode } = address;
  if (postalCode === undefined) {
    return rules.isPostalCodeRequired
      ? `create.address.postalCode is required in ${country}`
      : undefined;
  }
  const pattern = compile(rules.postalCodePattern);
  if (pattern === undefined || pattern.test(postalCode)) return undefined;
  return `create.address.postalCode "${postalCode}" does not have the form of ${country}`;
}

function languageProblem({ language, country }: Create, rules: CountryRules): string | undefined {
  if (rules.languages.length === 0) return undefined;
  const short = language.split('-')[0] ?? language;
  if (rules.languages.some((supported) => supported.toLowerCase().startsWith(short)))
    return undefined;
  return `create.language "${language}" is not offered in ${country}: ${rules.languages.join(', ')}`;
}

/** Partner Center's patterns are .NET's; one that JavaScript cannot read is left to Partner Center itself. */
function compile(pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}

/** The culture Partner Center wants (`de-DE`): the language in this country where offered, else the first offered. */
export function cultureOf(create: Create, rules: CountryRules): string {
  const wanted = `${create.language.split('-')[0]}-${create.country}`;
  if (create.language.includes('-')) return create.language;
  if (rules.cultures.length === 0 || rules.cultures.includes(wanted)) return wanted;
  return (
    rules.cultures.find((culture) => culture.startsWith(create.language)) ??
    rules.cultures[0] ??
    wanted
  );
}
