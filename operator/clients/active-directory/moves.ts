/** Moving accounts between OUs. */
import { distinctCommonName } from './accounts.ts';
import { textOf } from './entries.ts';
import { requireObject, requireUnit } from './lookup.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

const alreadyExists = 68;

/** The account keeps its GUID, and with it anchor, groups and whoever it manages. */
export async function moveAccount(
  session: Session,
  objectGuid: string,
  organizationalUnit: string,
  signal: AbortSignal,
): Promise<void> {
  const { dn: parent } = await requireUnit(session, organizationalUnit, signal);
  const entry = await requireObject(session, 'user', objectGuid, signal);
  if (wire.isChildOf(entry.dn, parent)) return;
  const commonName = textOf(entry, 'cn') ?? '';
  const samAccountName = textOf(entry, 'sAMAccountName') ?? '';
  const move = (name: string, accept: readonly number[]): Promise<number> =>
    session.move(
      { operation: 'MoveAccount', dn: wire.guidDn(objectGuid), accept },
      `${wire.relativeName(name)},${parent}`,
      signal,
    );
  if ((await move(commonName, [alreadyExists])) !== alreadyExists) return;
  await move(distinctCommonName({ commonName, samAccountName }), []);
}
