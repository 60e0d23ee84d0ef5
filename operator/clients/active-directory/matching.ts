/** Finding people who were there before the operator (matching-port.ts). */
import type { Filter } from 'ldapts';
import { extendedDn } from './controls.ts';
import { accountAttributes, toAccount } from './entries.ts';
import { requireUnit } from './lookup.ts';
import type { MatchKey } from './matching-port.ts';
import type { AdAccount } from './port.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

export async function findAccountsBy(
  session: Session,
  organizationalUnit: string,
  key: MatchKey,
  signal: AbortSignal,
): Promise<readonly AdAccount[]> {
  const filter = filterOf(key);
  if (filter === undefined) return [];
  const { dn: base } = await requireUnit(session, organizationalUnit, signal);
  const entries = await session.search(
    {
      operation: 'MatchAccounts',
      base,
      scope: 'sub',
      filter: wire.allOf(filter, wire.isPerson()),
      attributes: accountAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  return entries
    .map((entry) => toAccount(entry, session.customersOU))
    .filter(({ anchor }) => !('anchor' in key) || anchor === key.anchor)
    .sort((a, b) => (a.objectGuid < b.objectGuid ? -1 : 1));
}

/** An objectGUID is the anchor only where ms-DS-ConsistencyGuid is unset: what is found is looked at once more. */
function filterOf(key: MatchKey): Filter | undefined {
  if ('mail' in key) return wire.equals('mail', key.mail);
  const bytes = Buffer.from(key.anchor, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== key.anchor) return undefined;
  return wire.anyOf(
    wire.equals('mS-DS-ConsistencyGuid', bytes),
    ...(bytes.length === guidSize ? [wire.equals('objectGUID', bytes)] : []),
  );
}

const guidSize = 16;
