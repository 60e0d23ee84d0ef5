import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commerceOf } from '../commerce/state.ts';
import { addUser } from '../directory/create.ts';
import { findUser } from '../directory/records.ts';
import { DEFAULT_CUSTOMER } from '../seed.ts';
import { Kit } from '../test-kit.ts';
import { html } from './html.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const CUSTOMER = `/page/customers/${tenantId}`;

let kit: Kit;
beforeAll(async () => {
  kit = await Kit.start({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
});
beforeEach(() => kit.simulator.faults.clear());
afterAll(() => kit.stop());

interface Shown {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

async function get(path: string): Promise<Shown> {
  const { status, body, headers } = await kit.send('GET', `${kit.simulator.urls.control}${path}`);
  return { status, text: body as unknown as string, headers };
}

async function post(
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = { origin: kit.simulator.urls.control },
): Promise<Shown> {
  const options = { body: new URLSearchParams(fields), headers };
  const answer = await kit.send('POST', `${kit.simulator.urls.control}${path}`, options);
  if (answer.status === 303) return get(String(answer.headers['location']));
  return { status: answer.status, text: answer.body as unknown as string, headers: answer.headers };
}

const anna = () => {
  const directory = kit.simulator.world.directories.get(tenantId)!;
  return findUser(directory, `anna.becker@${domain}`, directory.log.last)!.value;
};
const subscription = () => [...commerceOf(kit.simulator.world).subscriptions.values()][0]!;

describe('the pages', () => {
  const PATHS = ['/', CUSTOMER, '/page/journal', '/page/violations', '/page/faults', '/page/clock'];

  it.each(PATHS)(
    '%s has a heading, landmarks, a way past the navigation, and a policy',
    async (path) => {
      const { status, text, headers } = await get(path);
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(text.match(/<h1>/g)).toHaveLength(1);
      for (const part of [
        '<html lang="en">',
        'href="#main"',
        '<nav aria-label',
        '<main id="main"',
      ]) {
        expect(text).toContain(part);
      }
      expect(text).not.toMatch(/<script|https?:\/\/|style="/);
      // Each field has its label, each id is there once.
      const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [, id] of text.matchAll(/<(?:input id|select id)="([^"]+)"/g)) {
        expect(text).toContain(`<label for="${id}">`);
      }
    },
  );

  it('show customers, subscriptions with windows and renewals, users with licences', async () => {
    expect((await get('/')).text).toContain('Northwind Traders GmbH');
    const { text } = await get(CUSTOMER);
    for (const part of [
      'Microsoft 365 Business Premium',
      '2027-05-23',
      'renews',
      'Anna Becker',
      'SPB',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('nothing');
    const { id } = subscription();
    await post(`${CUSTOMER}/seats`, { subscriptionId: id, quantity: '9' });
    expect((await get(CUSTOMER)).text).toMatch(
      /2 until <time datetime="2026-09-08T09:00:00.000Z">/,
    );
  });

  it('show the journal, filtered', async () => {
    await kit.graph('GET', '/organization');
    await kit.tokenRequest(tenantId, {});
    const all = (await get('/page/journal')).text;
    expect(all).toContain('/v1.0/organization');
    expect(all).toContain('InvalidAuthenticationToken');
    const login = (await get('/page/journal?service=login&status=4')).text;
    expect(login).not.toContain('/v1.0/organization');
    expect(login).toContain('/oauth2/v2.0/token');
  });

  it.each(['/page/nonsense', '/page/customers/none'])('%s is not found', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('escape whatever a name holds', async () => {
    const { world } = kit.simulator;
    const directory = world.directories.get(tenantId)!;
    addUser(world, directory, {
      userPrincipalName: `x@${domain}`,
      displayName: `<img src=x onerror="alert('1')">&`,
    });
    const { text } = await get(CUSTOMER);
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;');
    const query = (await get('/page/journal?path=%22%3E%3Cscript%3E')).text;
    expect(query).not.toContain('<script>');
  });

  it('are made of text that is escaped once', () => {
    const inner = html`<b>${'a & b'}</b>`;
    expect(html`<p>${inner}${undefined}${[1, '<']}</p>`.text).toBe('<p><b>a &amp; b</b>1&lt;</p>');
  });
});

describe('the forms', () => {
  it('change a user, as an administrator with a name', async () => {
    const change = { user: anna().id, deed: 'department', value: 'Legal' };
    const { status, text } = await post(`${CUSTOMER}/users`, change);
    expect(status).toBe(200);
    expect(text).toContain(`role="status">Done, as admin@${DEFAULT_CUSTOMER.initialDomain}`);
    expect(anna().properties['department']).toBe('Legal');
    await post(`${CUSTOMER}/users`, { user: anna().id, deed: 'disableUser', value: '' });
    expect(anna().properties['accountEnabled']).toBe(false);
  });

  it('change seats; a refusal is told in the words of Partner Center', async () => {
    const { id, quantity } = subscription();
    const more = { subscriptionId: id, quantity: String(quantity + 2) };
    expect((await post(`${CUSTOMER}/seats`, more)).status).toBe(200);
    expect(subscription().quantity).toBe(quantity + 2);
    const refused = await post(`${CUSTOMER}/seats`, { subscriptionId: id, quantity: '1' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('role="alert">Refused with 400');
    expect(refused.text).toContain('800090');
    expect((await post(`${CUSTOMER}/seats`, { subscriptionId: id, quantity: 'x' })).status).toBe(
      400,
    );
  });

  it('turn faults on and off', async () => {
    const fields = { kind: 'status', service: '', path: '/organization', status: '503', times: '' };
    expect((await post('/page/faults', fields)).status).toBe(200);
    const [fault] = kit.simulator.faults.list();
    expect(fault).toMatchObject({ kind: 'status', path: '/organization', status: 503 });
    const wrong = await post('/page/faults', { kind: 'delay' });
    expect(wrong).toMatchObject({ status: 400 });
    expect(wrong.text).toContain('needs delayMs');
    expect((await post(`/page/faults/${fault?.id}/remove`, {})).status).toBe(200);
    expect(kit.simulator.faults.list()).toEqual([]);
  });

  it('lead to a page that does nothing again when it is loaded again', async () => {
    const url = `${kit.simulator.urls.control}/page/clock`;
    const body = new URLSearchParams({ advance: 'PT1H' });
    const headers = { origin: kit.simulator.urls.control };
    const { status, headers: answer } = await kit.send('POST', url, { body, headers });
    expect(status).toBe(303);
    const after = kit.simulator.world.clock.nowMs();
    for (let n = 0; n < 2; n += 1) {
      expect((await get(String(answer['location']))).text).toContain('role="status">It is 2026');
    }
    expect(kit.simulator.world.clock.nowMs()).toBe(after);
    expect((await get('/page/clock?told=none')).text).not.toContain('class="message"');
  });

  it('move the clock', async () => {
    const before = kit.simulator.world.clock.nowMs();
    await post('/page/clock', { advance: 'P1D' });
    expect(kit.simulator.world.clock.nowMs() - before).toBe(86_400_000);
    const back = await post('/page/clock', { to: '2020-01-01T00:00:00Z' });
    expect(back.status).toBe(400);
    expect(back.text).toContain('never goes back');
  });

  it.each([
    ['of another origin', { origin: 'https://evil.example' }],
    ['without origin', {}],
    ['that say nothing of this origin', { origin: 'null' }],
  ])('%s are refused', async (_, headers) => {
    const before = kit.simulator.world.clock.nowMs();
    expect((await post('/page/clock', { advance: 'P1D' }, headers)).status).toBe(403);
    expect(kit.simulator.world.clock.nowMs()).toBe(before);
  });

  it('of another site are refused by the control calls, too', async () => {
    const url = `${kit.simulator.urls.control}/faults`;
    const headers = { origin: 'https://evil.example' };
    expect((await kit.send('DELETE', url, { headers })).status).toBe(403);
    expect((await kit.send('GET', url, { headers })).status).toBe(200);
  });

  it('that no page has are not found', async () => {
    expect((await post('/page/nonsense', {})).status).toBe(404);
  });
});
