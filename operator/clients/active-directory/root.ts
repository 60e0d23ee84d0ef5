/** What is read right after the bind: who answers, and whether the customers OU is there. */
import { wait } from '../../core/errors.ts';
import { textOf } from './entries.ts';
import type { Search, Session } from './session.ts';

export interface RootFacts {
  readonly defaultNamingContext: string;
  readonly configurationNamingContext: string;
  readonly dnsHostName: string;
  readonly dsServiceName: string;
  readonly highestCommittedUsn: bigint;
  /** False: the controller was started and has not caught up with the others yet. */
  readonly isSynchronized: boolean;
}

/** Throws Wait `NoDomainController` where something else answers LDAP. */
export async function readRoot(
  session: Pick<Session, 'search'>,
  signal?: AbortSignal,
): Promise<RootFacts> {
  const search: Search = {
    operation: 'ReadRoot',
    base: '',
    scope: 'base',
    attributes: [
      'defaultNamingContext',
      'configurationNamingContext',
      'dnsHostName',
      'dsServiceName',
      'highestCommittedUSN',
      'isSynchronized',
    ],
  };
  const [entry] = await session.search(search, signal);
  const fact = (name: string): string => {
    const value = entry === undefined ? undefined : textOf(entry, name);
    if (value !== undefined) return value;
    throw wait(`it is no domain controller: its root lacks ${name}`, {
      reason: 'NoDomainController',
    });
  };
  return {
    defaultNamingContext: fact('defaultNamingContext'),
    configurationNamingContext: fact('configurationNamingContext'),
    dnsHostName: fact('dnsHostName'),
    dsServiceName: fact('dsServiceName'),
    highestCommittedUsn: BigInt(fact('highestCommittedUSN')),
    isSynchronized: entry !== undefined && textOf(entry, 'isSynchronized') !== 'FALSE',
  };
}

/** Its DN in the server's own spelling. Throws Wait `OrganizationalUnitMissing`. */
export async function readCustomersOU(
  session: Pick<Session, 'read'>,
  base: string,
): Promise<string> {
  const entry = await session.read({ operation: 'ReadCustomersOU', base, attributes: ['ou'] });
  if (entry !== undefined) return entry.dn;
  throw wait(`customersOU "${base}" does not exist, or the service account may not see it`, {
    reason: 'OrganizationalUnitMissing',
  });
}
