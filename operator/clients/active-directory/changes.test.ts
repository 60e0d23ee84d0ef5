/** The trail of changes, on a directory in memory. On a real one: hack/integration/active-directory-structure.test.ts. */
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Forest, guid, unit } from '../../../hack/testing/forest.ts';
import { ChangeTracker } from './changes.ts';
import type { AdChanges } from './port.ts';

const signal = new AbortController().signal;
const minute = 60_000;

let nowMs: number;
let forest: Forest;
let tracker: ChangeTracker;
let cookie: string | undefined;
const [mia, noah, ada, sales] = [guid(11), guid(12), guid(13), guid(21)];

beforeEach(begin);

function begin(): void {
  nowMs = 1_000_000;
  forest = new Forest('dc1');
  tracker = new ChangeTracker(() => nowMs);
  cookie = undefined;
  for (const account of [mia, noah, ada]) forest.put(account);
  forest.put(sales, { dn: `CN=Sales,${unit}`, members: [mia] });
}

async function look(on = forest): Promise<AdChanges> {
  const session = on.session();
  tracker.begin(session);
  const changes = await tracker.changes(session, unit, cookie, signal);
  cookie = changes.cookie;
  return changes;
}

/** All whom a look concerns. */
async function concerned(on = forest): Promise<readonly string[]> {
  const { accounts, deletedGuids, regroupedGuids = [], unchangedGuids } = await look(on);
  const changed = accounts.map(({ objectGuid }) => objectGuid);
  const concerns = new Set([
    ...changed.filter((account) => unchangedGuids?.has(account) !== true),
    ...deletedGuids,
    ...regroupedGuids,
  ]);
  return [...concerns].toSorted();
}

const inSales = async () => (await look()).inventory.groups.get(sales);

describe('the first look', () => {
  it('is at everything, and concerns who changed since the client began to read', async () => {
    tracker.begin(forest.session());
    forest.put(noah);
    const session = forest.session();
    const { accounts, unchangedGuids } = await tracker.changes(session, unit, undefined, signal);
    expect(accounts.map(({ objectGuid }) => objectGuid)).toEqual([mia, noah, ada]);
    expect([...(unchangedGuids ?? [])]).toEqual([mia, ada]);
  });

  it('concerns all where a group changed since then: who left it cannot be told', async () => {
    tracker.begin(forest.session());
    forest.put(sales, { members: [] });
    expect(await concerned()).toEqual([mia, noah, ada]);
  });

  it('concerns all where another controller was read before', async () => {
    tracker.begin(forest.session());
    tracker.begin(new Forest('dc2').session());
    expect(await concerned()).toEqual([mia, noah, ada]);
  });
});

describe('the next look', () => {
  beforeEach(async () => {
    await look();
    forest.operations = [];
  });

  it('is one read where nothing changed, wherever', async () => {
    const before = cookie;
    // What is read once a session.
    await look();
    const session = forest.session();
    await tracker.changes(session, unit, cookie, signal);
    forest.operations = [];
    expect(await tracker.changes(session, unit, cookie, signal)).toMatchObject({
      accounts: [],
      deletedGuids: [],
      cookie: before,
      inventory: { groups: new Map([[sales, { name: 'Sales', memberGuids: new Set([mia]) }]]) },
    });
    expect(forest.operations).toEqual(['ReadRoot']);
  });

  it('concerns who was made, changed, moved away or deleted, and nobody twice', async () => {
    const eve = forest.put(guid(14));
    forest.put(noah);
    forest.put(mia, { dn: `CN=mia,OU=c2,DC=corp,DC=example` });
    forest.put(ada, { isDeleted: true });
    const { accounts, deletedGuids } = await look();
    expect(accounts.map(({ objectGuid }) => objectGuid)).toEqual([noah, eve]);
    expect([...deletedGuids].toSorted()).toEqual([mia, ada]);
    expect(await concerned()).toEqual([]);
  });

  it('concerns who was moved back and away again, or is changed or deleted where they are now', async () => {
    const away = { dn: 'CN=mia,OU=c2,DC=corp,DC=example' };
    forest.put(mia, away);
    expect(await concerned()).toEqual([mia]);
    forest.put(mia, { dn: `CN=mia,${unit}` });
    forest.put(mia, away);
    expect(await concerned()).toEqual([mia]);
    forest.put(mia, { isDeleted: true });
    expect(await concerned()).toEqual([mia]);
    expect(await concerned()).toEqual([]);
  });

  it('concerns who joined or left a group', async () => {
    forest.put(sales, { members: [mia, noah] });
    expect(await concerned()).toEqual([noah]);
    forest.put(sales, { members: [noah] });
    expect(await concerned()).toEqual([mia]);
  });

  it('concerns all members of a group that has another name, or is gone', async () => {
    forest.put(sales, { dn: `CN=Marketing,${unit}` });
    expect(await concerned()).toEqual([mia]);
    forest.put(sales, { isDeleted: true });
    expect(await concerned()).toEqual([mia]);
    expect(await concerned()).toEqual([]);
  });

  it('finds within ten minutes who was deleted, where the service account sees no deleted objects', async () => {
    forest.seesDeleted = false;
    forest.put(ada, { isDeleted: true });
    forest.put(sales, { isDeleted: true });
    nowMs += 9 * minute;
    expect(await concerned()).toEqual([]);
    // Nothing else has to change for it.
    nowMs += minute;
    expect(await concerned()).toEqual([mia, ada]);
    nowMs += 10 * minute;
    forest.operations = [];
    expect(await concerned()).toEqual([]);
    expect(forest.operations).not.toContain('ReadPresent');
  });

  it('is at everything on another controller, with those that are not there', async () => {
    const other = new Forest('dc2');
    for (const account of [mia, noah]) other.put(account);
    expect(await concerned(other)).toEqual([mia, noah, ada]);
  });

  it('is at everything where the cookie is given up, and still concerns only who changed', async () => {
    forest.put(noah);
    cookie = undefined;
    expect((await look()).accounts).toHaveLength(3);
    forest.put(noah);
    cookie = undefined;
    expect(await concerned()).toEqual([noah]);
  });
});

describe('what stands below the OU', () => {
  it('is accounts by name and groups with their members, as they are after each change', async () => {
    expect((await look()).inventory).toMatchObject({
      accounts: new Map([mia, noah, ada].map((one) => [one, `${one}@contoso.example`])),
      groups: new Map([
        [sales, { objectGuid: sales, name: 'Sales', isDirect: true, scope: 'Universal' }],
      ]),
    });
    const deep = forest.put(guid(22), { dn: `CN=Deep,OU=x,${unit}`, members: [sales] });
    forest.put(ada, { isDeleted: true });
    const { accounts, groups } = (await look()).inventory;
    expect([...accounts.keys()]).toEqual([mia, noah]);
    expect(groups.get(deep)).toMatchObject({ isDirect: false, memberGuids: new Set([sales]) });
  });

  it('shows who was deleted, and who moved away, of a group that did not change itself', async () => {
    forest.put(sales, { members: [mia, noah] });
    await look();
    forest.put(mia, { isDeleted: true });
    const elsewhere = 'CN=noah,OU=c2,DC=corp,DC=example';
    forest.put(noah, { dn: elsewhere });
    expect(await inSales()).toMatchObject({
      memberGuids: new Set([noah]),
      strangers: new Map([[noah, elsewhere]]),
    });
  });

  it('shows who was deleted and brought back between two looks as out of groups that did not change', async () => {
    forest.put(sales, { members: [mia, noah] });
    await look();
    forest.put(noah, { isDeleted: true });
    forest.put(noah, { isDeleted: false });
    forest.put(mia);
    expect(await inSales()).toMatchObject({ memberGuids: new Set([mia]) });
    forest.put(mia);
    forest.operations = [];
    await look();
    expect(forest.operations).not.toContain('ReadGroup');
  });

  it('is read again of a group that was written, though nothing changed: it may be another one than was thought', async () => {
    forest.seesDeleted = false;
    await look();
    forest.put(sales, { isDeleted: true });
    expect(await inSales()).toBeDefined();
    tracker.written(sales);
    expect(await inSales()).toBeUndefined();
    const other = forest.put(guid(23), { dn: `CN=Other,${unit}`, members: [] });
    await look();
    tracker.written(other);
    forest.operations = [];
    await look();
    expect(forest.operations).toContain('ReadGroup');
    await look();
    forest.operations = [];
    await look();
    // Each look has a session of its own here.
    expect(forest.operations).toEqual(['ReadRoot', 'ReadInvocationId']);
  });
});

type Step =
  | { readonly do: 'change' | 'move' | 'delete'; readonly who: number }
  | { readonly do: 'group'; readonly members: readonly number[] }
  | { readonly do: 'look' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('change' as const, 'move' as const, 'delete' as const),
    who: fc.nat(2),
  }),
  fc.record({ do: fc.constant('group' as const), members: fc.subarray([0, 1, 2]) }),
  fc.record({ do: fc.constant('look' as const) }),
);

/** What a history has done to the people, and to whom of them since the last look. */
class Model {
  readonly #people = [mia, noah, ada];
  #membersBefore = new Set([mia]);
  #members = new Set([mia]);
  readonly #changed = new Set<string>();

  play(step: Exclude<Step, { do: 'look' }>): void {
    if (step.do === 'group') {
      this.#members = new Set(step.members.map((one) => this.#people[one] ?? ''));
      forest.put(sales, { members: [...this.#members] });
      return;
    }
    const who = this.#people[step.who] ?? '';
    if (step.do === 'delete') this.#members.delete(who);
    const home = `CN=${who},${unit}`;
    this.#changed.add(who);
    forest.put(who, {
      dn: step.do === 'move' ? `CN=${who},OU=c2,DC=corp,DC=example` : home,
      isDeleted: step.do === 'delete',
    });
  }

  get members(): ReadonlySet<string> {
    return this.#members;
  }

  /** Everybody was there once: who comes and goes again between two looks was looked at elsewhere, perhaps. */
  concerned(): readonly string[] {
    const found = this.#changed.union(this.#membersBefore.symmetricDifference(this.#members));
    this.#membersBefore = this.#members;
    this.#changed.clear();
    return [...found].toSorted();
  }
}

it('concerns whom a history has changed since the last look, and nobody else', async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(anyStep, { maxLength: 12 }), async (steps) => {
        await look();
        const model = new Model();
        for (const step of [...steps, { do: 'look' } as const]) {
          if (step.do !== 'look') model.play(step);
          else {
            expect(await concerned()).toEqual(model.concerned());
            expect((await inSales())?.memberGuids).toEqual(model.members);
          }
        }
      })
      .beforeEach(begin),
  );
});
