import { describe, expect, it } from 'vitest';
import { ids, tenant, user } from '../../../hack/testing/build.ts';
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { Graph, NewPassword } from '../../clients/graph/port.ts';
import { terminal, transient, wait } from '../../core/errors.ts';
import * as act from './actions.ts';
import { applyOfLeaver } from './apply-leaver.ts';
import type { Work } from './work.ts';

type OfLeaver = Parameters<typeof applyOfLeaver>[0];

const groupGuid = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const denied = wait('denied', { reason: 'PermissionDenied' });

/** Both directories; `error`: what every write is answered with. */
function work(error?: Error) {
  const set: string[] = [];
  const answer = async (what: string): Promise<{ readonly requestId: string }> => {
    set.push(what);
    if (error !== undefined) throw error;
    return { requestId: 'r1' };
  };
  const activeDirectory = {
    addMember: (group: string) => answer(`+${group}`),
    removeMember: (group: string) => answer(`-${group}`),
    setPassword: (_: string, password: string) => answer(password),
  } as unknown as ActiveDirectory;
  const graph = {
    updateUser: (_: string, patch: object, __: AbortSignal, given: NewPassword) =>
      answer(`${JSON.stringify(patch)}${given.password}`),
  } as unknown as Graph;
  const given = {
    user: user({ status: { leaver: { groups: [{ id: 'a' }], passwords: { entra: 'Replaced' } } } }),
    access: { tenant: tenant(), clients: { activeDirectory } },
    deps: { randomBytes: (count: number) => new Uint8Array(count).fill(7) },
    graph,
    signal: new AbortController().signal,
  } as unknown as Work;
  const run = (action: act.UserAction) => applyOfLeaver(action as OfLeaver, given);
  return { set, run };
}

describe('the password of a person who leaves', () => {
  it('is replaced by one that is stored nowhere, beside what was recorded', async () => {
    const { set, run } = work();
    const learned = await run(act.replaceAdPassword(ids.account));
    expect(learned.status?.leaver).toEqual({
      groups: [{ id: 'a' }],
      passwords: { entra: 'Replaced', activeDirectory: 'Replaced' },
    });
    expect(set[0]).toHaveLength(64);
    expect(JSON.stringify(learned)).not.toContain(set[0]);
    const inEntra = await run(act.replaceEntraPassword(ids.user));
    expect(inEntra.audit).toEqual({ requestId: 'r1', target: ids.user });
    expect(set[1]).toBe(`{}${set[0]}`);
  });

  it.each([
    ['a right that is missing', denied, 'PermissionDenied'],
    [
      'a rule of the directory',
      terminal('no', { reason: 'PasswordNotAccepted' }),
      'PasswordNotAccepted',
    ],
  ])('stays where the directory refuses for good: %s', async (_, error, reason) => {
    const learned = await work(error).run(act.replaceEntraPassword(ids.user));
    expect(learned.refusal).toBe(reason);
    expect(learned.status?.leaver?.passwords).toEqual({ entra: 'Refused' });
  });

  it('is tried again where the directory did not answer', async () => {
    const lost = transient('lost', { reason: 'ConnectionLost' });
    await expect(work(lost).run(act.replaceAdPassword(ids.account))).rejects.toBe(lost);
  });
});

describe('groups in Active Directory', () => {
  it('are left and joined again by GUID', async () => {
    const { set, run } = work();
    await run(act.leaveAdGroup(ids.account, groupGuid));
    await run(act.rejoinAdGroup(ids.account, groupGuid));
    expect(set).toEqual([`-${groupGuid}`, `+${groupGuid}`]);
  });

  it('that are gone keep nobody from coming back', async () => {
    const gone = wait('gone', { reason: 'ObjectMissing' });
    const learned = await work(gone).run(act.rejoinAdGroup(ids.account, groupGuid));
    expect(learned.refusal).toBe('ObjectMissing');
    await expect(work(denied).run(act.rejoinAdGroup(ids.account, groupGuid))).rejects.toBe(denied);
  });
});
