/**
 * Whose word counts for a field that stands in both directories, by `identity.authority` of the tenant. Pure.
 *
 * | source          | in Active Directory, in Entra   | Active Directory gets | Entra gets |
 * | --------------- | ------------------------------- | --------------------- | ---------- |
 * | Git, or no rule | any                             | the manifest's        | the manifest's |
 * | ActiveDirectory | any                             | nothing               | Active Directory's; nothing where it has none |
 * | Entra           | any                             | Entra's; nothing where it has none | nothing |
 * | FirstWriter     | none                            | the manifest's        | the manifest's |
 * |                 | one, or the same in both        | that                  | that       |
 * |                 | two, one of them was in force   | that one              | that one   |
 * |                 | two from before                 | nothing: AuthorityConflict | nothing |
 *
 * Of an account that is still to be made, or that a sync server owns, nothing is told: then the manifest's counts.
 */
import type { SharedField } from '../../api/authority.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { appliedPaths } from '../../core/applied-record.ts';
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import { sharedAttributes } from './desired.ts';
import type { ObservedUser } from './observed.ts';

/** The person as each directory is to have them. */
export interface Declared {
  readonly directory: M365User;
  readonly entra: M365User;
  readonly conflicts: readonly SharedField[];
}

export function declaredFor(user: M365User, observed: ObservedUser): Declared {
  const { entra, activeDirectory, authority = [] } = observed;
  const declared: Wanted[] = [];
  const isSeen = entra?.onPremisesSyncEnabled !== true && observed.directoryMode === 'Managed';
  if (entra !== undefined && activeDirectory !== undefined && isSeen) {
    for (const { field, source } of authority) {
      const values = {
        directory: inDirectory(activeDirectory, field),
        entra: inEntra(entra, field),
      };
      if (source !== 'Git') declared.push({ field, ...wanted[source](user, field, values) });
    }
  }
  return {
    directory: withoutAttributes(
      withFields(user, declared, 'directory'),
      observed.missingAttributes ?? [],
    ),
    entra: withFields(user, declared, 'entra'),
    conflicts: declared.filter(({ isConflict }) => isConflict).map(({ field }) => field),
  };
}

export function authorityConflict({ conflicts }: Declared): readonly Condition[] {
  if (conflicts.length === 0) return [];
  const names = conflicts.toSorted().join(', ');
  const message = `both directories have a value of their own, and neither is written: ${names}; make them the same, or name a source in identity.authority`;
  return [condition('AuthorityConflict', 'True', 'ValuesDiffer', message)];
}

type Value = string | undefined;

interface Values {
  readonly directory: Value;
  readonly entra: Value;
}

interface Outcome extends Values {
  readonly isConflict?: boolean;
}

type Wanted = Outcome & { readonly field: SharedField };

const wanted: Readonly<
  Record<
    'ActiveDirectory' | 'Entra' | 'FirstWriter',
    (user: M365User, field: SharedField, values: Values) => Outcome
  >
> = {
  ActiveDirectory: (_, __, { directory }) => ({ directory: undefined, entra: directory }),
  Entra: (_, __, { entra }) => ({ directory: entra, entra: undefined }),
  FirstWriter: firstWritten,
};

function firstWritten(user: M365User, field: SharedField, { directory, entra }: Values): Outcome {
  const values = [...new Set([directory, entra])].filter((value) => value !== undefined);
  const inForce = values.filter((value) => wasInForce(user, field, value));
  const first = values.length < 2 ? (values[0] ?? user.spec[field]) : inForce[0];
  if (values.length === 2 && inForce.length !== 1) {
    return { directory: undefined, entra: undefined, isConflict: true };
  }
  return { directory: first, entra: first };
}

/** What both had, before one of them was changed. */
function wasInForce({ status }: M365User, field: SharedField, value: string): boolean {
  const paths = [field, `activeDirectory.${sharedAttributes[field]}`];
  const fields = paths.map((path) => ({ path, value }));
  return appliedPaths(status?.lastApplied ?? '', fields).size > 0;
}

/** LDAP names have no letter case. */
function inDirectory({ attributes }: AdAccount, field: SharedField): Value {
  const name = sharedAttributes[field].toLowerCase();
  return Object.entries(attributes).find(([one]) => one.toLowerCase() === name)?.[1];
}

function inEntra(entra: EntraUser, field: SharedField): Value {
  return field === 'businessPhone' ? entra.businessPhones?.[0] : entra[field];
}

/** A field without a value is not managed there. */
function withFields(user: M365User, declared: readonly Wanted[], side: keyof Values): M365User {
  if (declared.length === 0) return user;
  const fields = Object.fromEntries(declared.map((one) => [one.field, one[side]]));
  return { ...user, spec: { ...user.spec, ...fields } };
}

/** Less what the forest's schema has no place for (directory-side.ts says so). */
export function withoutAttributes(user: M365User, missing: readonly string[]): M365User {
  const { activeDirectory } = user.spec;
  if (missing.length === 0 || activeDirectory?.attributes === undefined) return user;
  const left = Object.entries(activeDirectory.attributes).filter(
    ([name]) => !missing.includes(name),
  );
  const attributes = Object.fromEntries(left);
  return { ...user, spec: { ...user.spec, activeDirectory: { ...activeDirectory, attributes } } };
}
