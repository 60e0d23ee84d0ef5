import { describe, expect, it } from 'vitest';
import { deleted, nowMs, user } from '../../../hack/testing/build.ts';
import { leaver } from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser } from '../../../hack/testing/observed.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import { transient } from '../../core/errors.ts';
import type { M365User } from '../../core/objects.ts';
import { askEntra } from './entra-look.ts';
import type { Look } from './look.ts';

/** Graph does not answer. */
function asked(person: M365User, account: AdAccount | undefined, isPrivileged = false) {
  const away = () => Promise.reject(transient('no answer', { reason: 'GraphUnreachable' }));
  const view = { isPrivileged: () => isPrivileged, isReadBack: () => false, readBack: away };
  const access = { tenantId: 'tenant', clients: { graph: () => ({ permissions: away }) } };
  const look = { user: person, view, access, deps: { nowMs: () => nowMs } } as unknown as Look;
  return askEntra(look, entraUser(), account);
}

const waits = { seatsOnLeave: 'Free', mailboxOnLeave: 'Wait' } as const;
const drifted = { drift: [{ path: 'department', type: 'Different' as const }] };
const open = adAccount();
const shut = adAccount({ enabled: false });

describe('who must not sign in', () => {
  it.each<[string, M365User]>([
    ['who leaves', leaver(undefined)],
    ['whose seat and mailbox are waited for', leaver(undefined, waits)],
    ['who is blocked, and differs', user({ spec: { enabled: false }, status: drifted })],
  ])('is blocked in Active Directory before Entra is asked: %s', async (_, person) => {
    expect(await asked(person, open)).toEqual({ isReadBack: false });
    await expect(asked(person, shut)).rejects.toThrow('no answer');
  });

  it.each<[string, M365User, AdAccount | undefined, boolean]>([
    ['an administrator, who loses the roles before', leaver(undefined), open, true],
    ['nobody is in Active Directory', leaver(undefined), undefined, false],
    ['the person may sign in', user({ status: drifted }), open, false],
    ['the M365User is deleted', deleted(user({ status: drifted })), open, false],
  ])('else it is asked: %s', async (_, person, account, isPrivileged) => {
    await expect(asked(person, account, isPrivileged)).rejects.toThrow('no answer');
  });
});
