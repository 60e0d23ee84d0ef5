import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  daysAgo,
  harvestSpec,
  holder,
  harvestNowMs as nowMs,
  sight,
} from '../../../hack/testing/harvest.ts';
import { type HarvestSpec, type HarvestStatus, harvestStatus } from '../../api/harvest.ts';
import {
  afterRefusal,
  afterTake,
  type HarvestSight,
  type Holder,
  type Proposal,
  planHarvest,
} from './harvest.ts';
import { harvestFindings } from './harvest-findings.ts';

const dayMs = 24 * 60 * 60_000;
const day = (days: number): string => new Date(daysAgo(days)).toISOString().slice(0, 10);

interface Given {
  readonly spec?: Partial<HarvestSpec>;
  readonly before?: HarvestStatus;
  readonly seen?: Partial<ReturnType<typeof sight>>;
  readonly atMs?: number;
}

function plan(holders: readonly Holder[], { spec, before, seen, atMs = nowMs }: Given = {}) {
  return planHarvest({
    spec: harvestSpec(spec),
    before,
    sight: sight(holders, seen),
    nowMs: atMs,
    seatCost: 1600,
  });
}

const blocked = holder({ isEnabled: false });
const idle = holder({ facts: { lastSignInMs: daysAgo(90) } });
const gone = holder({ isLeftBehind: true, facts: { owner: 'acme/mia' } });

function proposal(overrides: Partial<Proposal> = {}): Proposal {
  return {
    id: 'mia',
    user: 'mia@contoso.example',
    reason: 'Disabled',
    since: day(20),
    proposedOn: day(20),
    ...overrides,
  };
}

const known = (...proposals: Proposal[]): HarvestStatus => ({ count: proposals.length, proposals });

/** `Disabled`, `Disabled Declared`; undefined: not named. */
function shown(one: Holder, given?: Given): string | undefined {
  const [found] = plan([one], given).status?.proposals ?? [];
  return found && [found.reason, found.held].filter(Boolean).join(' ');
}

describe('whose licence seems unused', () => {
  it.each<readonly [string, Holder, Given, string | undefined]>([
    ['who used it yesterday', holder(), {}, undefined],
    ['a blocked account', blocked, {}, 'Disabled'],
    ['what the operator made, and its M365User is gone', gone, {}, 'Removed'],
    ['… blocked with it', { ...gone, isEnabled: false }, {}, 'Removed'],
    ['no sign-in for 90 days', idle, {}, 'Inactive'],
    ['… for 89', holder({ facts: { lastSignInMs: daysAgo(89) } }), {}, undefined],
    ['… and nobody asks for sign-ins', idle, { spec: { inactiveDays: undefined } }, undefined],
    [
      '… and Microsoft tells none: no P1',
      idle,
      { seen: { signIns: 'PremiumLicenseMissing' } },
      undefined,
    ],
    ['… no permission', idle, { seen: { signIns: 'PermissionDenied' } }, undefined],
    ['… not read yet', idle, { seen: { signIns: 'NotRead' } }, undefined],
    [
      'who never signed in, since it was made',
      holder({ facts: { lastSignInMs: undefined } }),
      {},
      'Inactive',
    ],
    [
      '… not so long ago',
      holder({ facts: { lastSignInMs: undefined, createdMs: daysAgo(60) } }),
      {},
      undefined,
    ],
    ['excluded or protected', { ...blocked, isSpared: true }, {}, undefined],
    ['a mailbox, or one that goes', { ...blocked, claim: 'Exempt' }, {}, undefined],
    [
      'made 29 days ago',
      holder({ isEnabled: false, facts: { createdMs: daysAgo(29) } }),
      {},
      undefined,
    ],
    [
      'made 30 days ago',
      holder({ isEnabled: false, facts: { createdMs: daysAgo(30) } }),
      {},
      'Disabled',
    ],
    [
      'of unknown age',
      holder({ isEnabled: false, facts: { createdMs: undefined } }),
      {},
      undefined,
    ],
    ['made since all were read', holder({ isEnabled: false, facts: null }), {}, undefined],
    ['from a group', { ...blocked, isInherited: true }, {}, 'Disabled Inherited'],
    ['wanted by Git', { ...idle, claim: 'Wanted' }, {}, 'Inactive Declared'],
    ['of a suspended M365User', { ...idle, claim: 'Suspended' }, {}, 'Inactive Suspended'],
    ['of an M365User that does not want it', { ...blocked, claim: 'Unwanted' }, {}, 'Disabled'],
    ['of a sync server', { ...blocked, isSynced: true }, {}, 'Disabled Synced'],
    [
      'which Microsoft refused to have taken',
      blocked,
      { before: known(proposal({ held: 'Refused', message: 'no' })) },
      'Disabled Refused',
    ],
    [
      '… for another reason',
      blocked,
      { before: known(proposal({ held: 'Refused', reason: 'Inactive' })) },
      'Disabled',
    ],
    ['nobody, where it is off', blocked, { spec: { mode: 'Off' } }, undefined],
  ])('%s', (_, one, given, expected) => {
    expect(shown(one, given)).toBe(expected);
  });

  it('tells since when, what it costs, and when it is taken', () => {
    const { status } = plan([idle, { ...blocked, id: 'ben', userPrincipalName: 'ben@x' }]);
    expect(status).toEqual({
      count: 2,
      seatCost: 1600,
      saving: 3200,
      signInData: 'Available',
      proposals: [
        {
          id: 'ben',
          user: 'ben@x',
          reason: 'Disabled',
          since: day(0),
          proposedOn: day(0),
          takeOn: day(-14),
        },
        {
          id: 'mia',
          user: 'mia@contoso.example',
          reason: 'Inactive',
          since: day(90),
          proposedOn: day(0),
          takeOn: day(-14),
        },
      ],
    });
  });

  it('names as many as status takes, those first that stand there already', () => {
    const many = Array.from({ length: 60 }, (_, n) => holder({ id: `p${n}`, isEnabled: false }));
    const { status } = plan(many, { before: known(proposal({ id: 'p59' })) });
    expect([status?.count, status?.proposals?.length]).toEqual([60, 50]);
    expect(status?.proposals?.[0]?.id).toBe('p59');
  });
});

describe('after a restart, until the accounts are read', () => {
  const unread = { seen: { isRead: false, signIns: 'NotRead' } as const };
  it.each<readonly [string, Holder, HarvestStatus | undefined, string | undefined]>([
    [
      'who was named stands',
      holder({ facts: null }),
      known(proposal({ reason: 'Inactive' })),
      'Inactive',
    ],
    ['nobody comes in', holder({ isEnabled: false, facts: null }), undefined, undefined],
    ['who is open again is not named', holder({ facts: null }), known(proposal()), undefined],
    [
      'who is in Git again is not named',
      holder({ facts: null, claim: 'Wanted' }),
      known(proposal({ reason: 'Removed' })),
      undefined,
    ],
    [
      'nor who is excluded now',
      { ...blocked, isSpared: true, facts: undefined },
      known(proposal()),
      undefined,
    ],
  ])('%s', (_, one, before, expected) => {
    const given = { ...unread, ...(before === undefined ? {} : { before }) };
    expect(shown(one, given)).toBe(expected);
    expect(plan([one], given).takes).toEqual([]);
  });

  it('what was said of sign-ins stands too', () => {
    const before = { count: 0, signInData: 'PermissionDenied' } as const;
    expect(plan([], { ...unread, before }).status?.signInData).toBe('PermissionDenied');
    expect(plan([], unread).status?.signInData).toBe('NotRead');
  });
});

describe('whose is taken', () => {
  const due = known(proposal({ proposedOn: day(14) }));
  const takes = (given: Given, one = blocked) => plan([one], given).takes.length;
  it.each<readonly [string, Given, number]>([
    ['after the days of grace', { before: due }, 1],
    ['not a day before', { before: known(proposal({ proposedOn: day(13) })) }, 0],
    ['at once, where there are none', { spec: { graceDays: 0 } }, 1],
    ['only in Auto', { before: due, spec: { mode: 'Propose' } }, 0],
    [
      'not while an excluded group is not found',
      { before: due, seen: { block: 'ExcludedGroupNotFound' } },
      0,
    ],
    [
      'nor who is an administrator is unknown',
      { before: due, seen: { block: 'AdministratorsUnknown' } },
      0,
    ],
    [
      'the days begin anew with another reason',
      { before: known(proposal({ reason: 'Removed', proposedOn: day(14) })) },
      0,
    ],
  ])('%s', (_, given, expected) => {
    expect(takes(given)).toBe(expected);
  });

  it('no more a day than allowed, the oldest first', () => {
    const many = ['a', 'b', 'c'].map((id) => holder({ id, isEnabled: false }));
    const proposals = ['a', 'b', 'c'].map((id, n) => proposal({ id, proposedOn: day(30 + n) }));
    const taken = (hours: number) => [
      {
        id: 'x',
        user: 'x',
        reason: 'Removed' as const,
        at: new Date(nowMs - hours * 3_600_000).toISOString(),
      },
    ];
    const ids = (hours: number) =>
      plan(many, {
        spec: { maxPerDay: 2 },
        before: { ...known(...proposals), taken: taken(hours) },
      }).takes.map(({ id }) => id);
    expect(ids(23)).toEqual(['c']);
    expect(ids(25)).toEqual(['c', 'b']);
  });

  it('stands in status for 30 days', () => {
    const first = plan([blocked], { before: due });
    const [take] = first.takes;
    if (take === undefined) throw new Error('nothing is taken');
    const at = new Date(nowMs).toISOString();
    const after = afterTake(first.status, take, at);
    expect(after.taken).toEqual([{ id: 'mia', user: take.user, reason: 'Disabled', at }]);
    expect(plan([], { before: after }).status).toMatchObject({ count: 0, taken: after.taken });
    expect(plan([], { before: after, atMs: nowMs + 31 * dayMs }).status).not.toHaveProperty(
      'taken',
    );
  });

  it('a refusal is shown, and not tried again', () => {
    const first = plan([blocked], { before: due });
    const [take] = first.takes;
    if (take === undefined) throw new Error('nothing is taken');
    const refused = plan([blocked], {
      before: afterRefusal(first.status, take, 'an add-on needs it'),
    });
    expect(refused.takes).toEqual([]);
    expect(refused.status?.proposals?.[0]).toMatchObject({
      held: 'Refused',
      message: 'an add-on needs it',
    });
    expect(refused.status?.proposals?.[0]).not.toHaveProperty('takeOn');
  });
});

describe('what people hear', () => {
  const types = (holders: readonly Holder[], seen: Partial<ReturnType<typeof sight>> = {}) =>
    harvestFindings(sight(holders, seen), plan(holders, { seen })).map(
      ({ type, reason }) => `${type} ${reason}`,
    );
  it.each([
    [[], {}, []],
    [[blocked], {}, ['LicensesUnused LicensesUnused']],
    [[], { signIns: 'PremiumLicenseMissing' }, ['SignInDataMissing PremiumLicenseMissing']],
    [[], { signIns: 'PermissionDenied' }, ['SignInDataMissing PermissionDenied']],
    [[], { block: 'AdministratorsUnknown' }, ['HarvestHeld AdministratorsUnknown']],
  ] as const)('%#', (holders, seen, expected) => {
    expect(types(holders, seen)).toEqual(expected);
  });
});

describe('always', () => {
  const someMs = fc.option(fc.integer({ min: 0, max: 200 }).map(daysAgo), { nil: undefined });
  const someone = fc.record({
    isEnabled: fc.boolean(),
    isSynced: fc.boolean(),
    isInherited: fc.boolean(),
    isSpared: fc.boolean(),
    claim: fc.constantFrom('None', 'Wanted', 'Unwanted', 'Suspended', 'Exempt'),
    isLeftBehind: fc.boolean(),
    facts: fc.record({ createdMs: someMs, lastSignInMs: someMs }),
  });
  const people = fc
    .array(someone, { maxLength: 70 })
    .map((all) => all.map((one, n) => holder({ id: `p${n}`, ...one })));
  const specs = fc.record({
    mode: fc.constantFrom('Propose', 'Auto'),
    inactiveDays: fc.option(fc.integer({ min: 30, max: 120 }), { nil: undefined }),
    graceDays: fc.integer({ min: 0, max: 3 }),
    maxPerDay: fc.integer({ min: 1, max: 4 }),
  });
  const sights = fc.record({
    signIns: fc.constantFrom('Available', 'PremiumLicenseMissing', 'PermissionDenied', 'NotRead'),
    isRead: fc.boolean(),
    block: fc.constantFrom(undefined, 'ExcludedGroupNotFound', 'AdministratorsUnknown'),
  } as const);

  /** Everything that may be said of one. */
  function expectNamedRightly(one: Holder | undefined, reason: string, onMs: number): void {
    expect(one?.isSpared).toBe(false);
    expect(one?.claim).not.toBe('Exempt');
    expect(one?.facts?.createdMs ?? onMs).toBeLessThanOrEqual(onMs - 30 * dayMs);
    if (reason === 'Removed') expect(one?.isLeftBehind).toBe(true);
    if (reason === 'Disabled') expect(one?.isEnabled).toBe(false);
  }

  function expectTakenRightly(one: Holder | undefined): void {
    expect([one?.isInherited, one?.isSynced]).toEqual([false, false]);
    expect(['None', 'Unwanted']).toContain(one?.claim);
  }

  /** The most that may be taken. */
  function allowance({ mode, maxPerDay }: HarvestSpec, seen: HarvestSight): number {
    return mode === 'Auto' && seen.isRead && seen.block === undefined ? maxPerDay : 0;
  }

  /** What stands in status after this day; who is taken from is `left` no more. */
  function passDay(left: Map<string, Holder>, given: Given, seen: HarvestSight) {
    const atMs = given.atMs ?? nowMs;
    const { status, takes } = plan([...left.values()], given);
    const again = { ...given, ...(status && { before: status }) };
    expect(plan([...left.values()], again)).toEqual({ status, takes });
    const named = harvestStatus.parse(status)?.proposals ?? [];
    for (const { id, reason } of named) expectNamedRightly(left.get(id), reason, atMs);
    const isSilent = seen.isRead && seen.signIns !== 'Available';
    if (isSilent) expect(named.map(({ reason }) => reason)).not.toContain('Inactive');
    expect(takes.length).toBeLessThanOrEqual(allowance(harvestSpec(given.spec), seen));
    return takes.reduce((before, take) => {
      expectTakenRightly(left.get(take.id));
      left.delete(take.id);
      return afterTake(before, take, new Date(atMs).toISOString());
    }, status);
  }

  it('nobody is touched who must not be, from day to day, and a second look changes nothing', () => {
    const days = fc.array(sights, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(people, specs, days, (all, spec, seens) => {
        const left = new Map(all.map((one) => [one.id, one]));
        let before: HarvestStatus | undefined;
        for (const [n, seen] of seens.entries()) {
          const given: Given = { spec, seen, atMs: nowMs + n * dayMs, ...(before && { before }) };
          before = passDay(left, given, sight([], seen));
        }
      }),
      { numRuns: 200 },
    );
  });
});
