/** The mailbox of a person who leaves: the lines of leaver.ts's table about it, and what is looked at for it. */
import { describe, expect, it } from 'vitest';
import { ids, inHours, nowMs, tenant, user } from '../../../hack/testing/build.ts';
import { anchor, blocked, done, leaver } from '../../../hack/testing/leaver.ts';
import { entraUser } from '../../../hack/testing/observed.ts';
import { actionNames, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
import { freesSeatsAtMs, poolsAt } from '../plans.ts';
import { mailboxOf } from './leaver-look.ts';
import type { Look } from './look.ts';
import type { ObservedMailbox } from './observed.ts';
import { planUser } from './plan.ts';

const waits = { seatsOnLeave: 'Free', mailboxOnLeave: 'Wait' } as const;
const goesOn = { seatsOnLeave: 'Free', mailboxOnLeave: 'GoOn' } as const;
const kept = { ...done, mailboxKeptAt: inHours(-1) };
const pools = { pools: ['premium'], usageLocation: 'DE' as const };

/** Holds a licence, which is not wanted where `isSurplus`. */
const seen = (mailbox: ObservedMailbox | undefined, isSurplus = false) =>
  blocked({
    mailbox,
    entra: entraUser({
      accountEnabled: false,
      onPremisesImmutableId: anchor,
      assignedLicenses: [{ skuId: ids.sku, disabledPlans: [] }],
    }),
    surplus: isSurplus ? [{ pool: 'premium', skuId: ids.sku }] : [],
  });

describe('the mailbox of a person who leaves', () => {
  it.each([
    [
      'is a person’s',
      leaver(done, waits),
      seen('Person'),
      [],
      'False NotConverted',
      'False WaitingForMailbox',
    ],
    [
      'is of another kind',
      leaver(done, waits),
      seen('Other'),
      [],
      'False NotConverted',
      'False WaitingForMailbox',
    ],
    [
      'cannot be seen',
      leaver(done, waits),
      seen('Unknown'),
      [],
      'False PermissionMissing',
      'False WaitingForMailbox',
    ],
    [
      'is a shared one',
      leaver(done, waits),
      seen('Shared'),
      ['RecordLeaver'],
      'True MailboxKept',
      'False WaitingForMailbox',
    ],
    [
      'does not exist',
      leaver(done, waits),
      seen('None'),
      ['RecordLeaver'],
      'True MailboxKept',
      'False WaitingForMailbox',
    ],
    [
      'was a shared one',
      leaver(kept, waits),
      seen(undefined, true),
      ['AssignLicenses'],
      'True MailboxKept',
      'False FreeingSeats',
    ],
    [
      'is not waited for',
      leaver(done, goesOn),
      seen(undefined, true),
      ['AssignLicenses'],
      'False NotWaitedFor',
      'False FreeingSeats',
    ],
    ['stays with the licence', leaver(done), seen(undefined), [], undefined, 'False SeatsKept'],
  ] as const)('%s', (_, person, observed, actions, mailbox, seats) => {
    const plan = planUser(person, observed, nowMs);
    expect(actionNames(plan)).toEqual(actions);
    expect([shown(plan, 'MailboxKept'), shown(plan, 'SeatsFreed')]).toEqual([mailbox, seats]);
  });

  it('is looked at every quarter of an hour, and the end of the days is not missed for it', () => {
    const plan = planUser(leaver(done, waits), seen('Person'), nowMs);
    expect(plan.next).toMatchObject({ look: 'after', delayMs: 15 * 60_000 });
    const soon = leaver({ ...done, blockedAt: inHours(-23.9) }, { ...waits, retentionDays: 1 });
    expect(planUser(soon, seen('Person'), nowMs).next).toMatchObject({ delayMs: 6 * 60_000 });
  });

  it('is on record once it is kept, and forgotten with the return', () => {
    const plan = planUser(leaver(done, waits), seen('Shared'), nowMs);
    expect(plan.status.leaver?.mailboxKeptAt).toBe(inHours(0));
    const back = planUser(leaver(kept, { leaveAt: undefined, ...waits }), blocked(), nowMs);
    expect(back.actions.at(-1)).toMatchObject({ name: 'ForgetLeaver' });
    expect(JSON.stringify(back.actions.at(-1))).not.toContain('mailboxKeptAt');
  });

  it('keeps the seat until then, which nobody may count on', () => {
    const waiting = leaver(done, { ...waits, ...pools });
    expect([poolsAt(waiting, tenant(), nowMs), freesSeatsAtMs(waiting)]).toEqual([
      ['premium'],
      undefined,
    ]);
    const over = leaver(kept, { ...waits, ...pools });
    expect([poolsAt(over, tenant(), nowMs), freesSeatsAtMs(over)]).toEqual([[], nowMs - 3_600_000]);
  });
});

describe('what is looked at', () => {
  async function look(person: M365User, granted: readonly string[], purpose?: string) {
    const asked: string[] = [];
    const graph = {
      permissions: () => Promise.resolve(granted),
      mailboxPurpose: (id: string) => {
        asked.push(id);
        return Promise.resolve(purpose);
      },
    };
    const access = { tenantId: 'tenant', clients: { graph: () => graph } };
    const given = { user: person, deps: { nowMs: () => nowMs }, access } as unknown as Look;
    return [await mailboxOf(given, entraUser()), asked.length];
  }
  const read = ['MailboxSettings.Read'];

  it.each([
    ['of nobody who stays', user({ spec: waits }), read, undefined, [undefined, 0]],
    ['of nobody who does not wait', leaver(done, goesOn), read, undefined, [undefined, 0]],
    ['of nobody whose mailbox is kept', leaver(kept, waits), read, 'Shared', [undefined, 0]],
    ['nothing where it may not be seen', leaver(done, waits), [], 'Shared', ['Unknown', 0]],
    [
      'with the wider permission too',
      leaver(done, waits),
      ['MailboxSettings.ReadWrite'],
      'Shared',
      ['Shared', 1],
    ],
    ['that there is none', leaver(done, waits), read, undefined, ['None', 1]],
  ] as const)('%s', async (_, person, granted, purpose, expected) => {
    expect(await look(person, granted, purpose)).toEqual(expected);
  });
});
