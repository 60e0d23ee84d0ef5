/** The web page of the simulator in Debian's Chromium, by keyboard alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, startChromium } from '../chromium/index.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { findUser } from '../simulator/directory/records.ts';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const CUSTOMER = `/page/customers/${tenantId}`;
const PATHS = ['/', CUSTOMER, '/page/journal', '/page/violations', '/page/faults', '/page/clock'];

let browser: Browser;
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    world: 'default',
    frozen: true,
    startAt: '2026-09-01T09:00:00Z',
  });
  browser = await startChromium((line) => console.log(line));
}, 600_000);

afterAll(async () => {
  await browser?.stop();
  await simulator?.stop();
});

const goTo = (path: string) => browser.session.goTo(`${simulator.urls.control}${path}`);
const heading = () => browser.session.evaluate<string>(`document.querySelector('h1').textContent`);
const message = () =>
  browser.session.evaluate<string>(`document.querySelector('.message')?.textContent ?? ''`);

/** Chooses an option of the list that has the focus, as far below the one that is chosen. */
async function down(steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) await browser.session.press('ArrowDown');
}

describe('by keyboard', () => {
  it('the first Tab offers the way past the navigation', async () => {
    const { session } = browser;
    await goTo('/');
    await session.press('Tab');
    expect(await session.evaluate('document.activeElement.textContent')).toBe(
      'Skip to the content',
    );
    // Out of sight until it has the focus.
    expect(
      await session.evaluate<number>('document.activeElement.getBoundingClientRect().left'),
    ).toBeGreaterThanOrEqual(0);
    await session.press('Enter');
    await session.press('Tab');
    expect(
      await session.evaluate<boolean>(
        `document.querySelector('main').contains(document.activeElement)`,
      ),
    ).toBe(true);
  });

  it.each(PATHS)(
    'everything on %s can be reached, and shows that it has the focus',
    async (path) => {
      const { session } = browser;
      await goTo(path);
      const count = await session.evaluate<number>(
        `document.querySelectorAll('a[href], button, input:not([type=hidden]), select, .wide').length`,
      );
      const seen = new Set<string>();
      for (let presses = 0; presses < count; presses += 1) {
        await session.press('Tab');
        const [place, outline] = await session.evaluate<[string, string]>(
          `(() => { const e = document.activeElement; return [[...document.querySelectorAll('*')].indexOf(e) + e.tagName, getComputedStyle(e).outlineStyle]; })()`,
        );
        expect(outline, place).not.toBe('none');
        seen.add(place);
      }
      expect(seen.size).toBe(count);
    },
  );

  it('a person opens a customer and changes a department', async () => {
    const { session } = browser;
    await goTo('/');
    await session.tabTo(`a[href="${CUSTOMER}"]`);
    await session.follow();
    expect(await heading()).toBe('Northwind Traders GmbH');
    await session.tabTo('#user-user');
    await down(1);
    const chosen = await session.evaluate<string>(
      `document.activeElement.selectedOptions[0].textContent`,
    );
    await session.tabTo('#user-value');
    await session.type('Legal');
    await session.follow();
    expect(await message()).toContain('Done, as admin@');
    const directory = simulator.world.directories.get(tenantId)!;
    const user = findUser(directory, chosen, directory.log.last)?.value;
    expect(user?.properties['department']).toBe('Legal');
    expect(chosen).toContain(`@${domain}`);
  });

  it('changes seats', async () => {
    const { session } = browser;
    await goTo(CUSTOMER);
    await session.tabTo('#seats-quantity');
    await session.type('9');
    await session.follow();
    expect(await message()).toContain('Done, as admin@fabrikamcloud');
    const [subscription] = commerceOf(simulator.world).subscriptions.values();
    expect(subscription?.quantity).toBe(9);
  });

  it('moves the clock', async () => {
    const { session } = browser;
    await goTo('/page/clock');
    await session.tabTo('form[aria-label="A month"] button');
    await session.follow();
    expect(await message()).toBe('It is 2026-10-01T09:00:00.000Z now.');
    expect(new Date(simulator.world.clock.nowMs()).toISOString()).toBe('2026-10-01T09:00:00.000Z');
  });

  it('turns a fault on and off', async () => {
    const { session } = browser;
    await goTo('/page/faults');
    await session.tabTo('#fault-path');
    await session.type('/organization');
    await session.follow();
    expect(simulator.faults.list()).toMatchObject([{ kind: 'status', path: '/organization' }]);
    await session.tabTo('form[action$="/remove"] button');
    await session.follow();
    expect(simulator.faults.list()).toEqual([]);
  });

  it('filters the journal', async () => {
    const { session } = browser;
    await goTo('/page/journal');
    await session.tabTo('#filter-kind');
    await down(3);
    await session.tabTo('#filter-tenant');
    await session.follow();
    expect(await session.evaluate('location.search')).toContain('kind=portal');
    expect(await session.evaluate('document.querySelectorAll("tbody tr").length')).toBeGreaterThan(
      0,
    );
  });
});

describe('to the eye', () => {
  it.each(PATHS)('%s fits 320 pixels', async (path) => {
    const { session } = browser;
    await session.resize(320);
    await goTo(path);
    expect(await session.evaluate('innerWidth')).toBe(320);
    expect(await session.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await session.resize(1200);
  });

  it.each([
    ['light', 'rgb(0, 0, 0)'],
    ['dark', 'rgb(255, 255, 255)'],
  ] as const)('text is as the person prefers it: %s', async (scheme, colour) => {
    const { session } = browser;
    await session.prefer(scheme);
    await goTo('/');
    expect(await session.evaluate('getComputedStyle(document.body).color')).toBe(colour);
  });

  it('nothing of the page breaks its own policy', () => {
    expect(browser.session.complaints).toEqual([]);
  });
});
