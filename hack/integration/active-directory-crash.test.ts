/**
 * The operator is killed (SIGKILL) between any two steps of a person's way into both directories: Secret, account added,
 * password set, account enabled, group, account in Entra, licence, and every write of the record. Each time the step took
 * effect and its answer did not arrive. The steps are those that a history without a crash shows, on a real domain
 * controller. After a restart there is one account a side with one anchor, which can be used, and others are as before.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../control-plane/processes.ts';
import { isReady } from '../demo/objects.ts';
import { isWaived } from '../samba/test-directory.ts';
import { issueServerCertificate } from '../simulator/certificates.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { BothDirectories, expectOnePerson } from '../testing/both-directories.ts';
import { type CrashPoint, crashPointsOf, matcherOf } from '../testing/crash-points.ts';
import { createDesk, patienceWithLossMs } from '../testing/desk.ts';
import { Gateway, type GatewayRequest, isOutsideWrite } from '../testing/gateway.ts';
import { LdapGateway } from '../testing/ldap-gateway.ts';
import { liveUsers, type Northwind, northwind, startNorthwind } from '../testing/northwind.ts';
import { killWithLease } from '../testing/replicas.ts';

let world: Northwind;
let both: BothDirectories;
let gateway: Gateway;
let ldap: LdapGateway;
let operator: OperatorProcess;

beforeAll(async () => {
  if (isWaived) return;
  world = await startNorthwind({
    directoryAddress: '127.0.0.32',
    operator: async (stage) => {
      gateway = await Gateway.start(stage, 'operator');
      return gateway.operatorOptions;
    },
    domainControllers: async (controller, stage) => {
      const certificate = await issueServerCertificate(join(stage.folder, 'simulator'), []);
      ldap = await LdapGateway.start(controller, certificate);
      await createDesk(() => stage).putSecret('corp-ad', {
        bindDN: controller.adminDN,
        bindPassword: controller.adminPassword,
        'ca.crt': await readFile(certificate.caFile, 'utf8'),
      });
      return [ldap.url];
    },
  });
  operator = world.operator;
  both = await BothDirectories.open(world);
  await world.desk.put('LicensePool', 'contoso', 'premium', {
    tenantRef: { name: 'northwind' },
    offer: 'business-premium',
    seats: { min: 30, max: 40 },
    endOfTerm: 'Renew',
  });
  await world.desk.ready('LicensePool', 'premium');
});

afterAll(async () => {
  await both?.close();
  await operator?.stop();
  await world?.stop();
  await gateway?.stop();
  await ldap?.stop();
});

const kubectl = (...args: readonly string[]) => world.stage.controlPlane.kubectl(args);
const upnOf = (name: string) => `${name}@${DEFAULT_CUSTOMER.domain}`;

async function put(name: string): Promise<void> {
  await world.desk.put('M365User', 'contoso', name, {
    tenantRef: { name: 'northwind' },
    userPrincipalName: upnOf(name),
    displayName: `${name} Lund`,
    usageLocation: 'DE',
    pools: ['premium'],
    initialPassword: { secretName: name },
    activeDirectory: { groups: ['desktop-users'] },
  });
}

async function killAndStart(): Promise<void> {
  await killWithLease(world.stage, operator);
  operator = await world.stage.startOperator({ ...gateway.operatorOptions, pollSeconds: 1 });
  await operator.ready();
}

interface Point extends CrashPoint {
  readonly isLdap: boolean;
}

function hold(point: Point, name: string, onHeld: () => void): void {
  if (!point.isLdap) {
    gateway.hold(matcherOf(point, name), onHeld);
    return;
  }
  let seen = 0;
  ldap.hold((write) => {
    if (write === point.template) seen += 1;
    return write === point.template && seen === point.occurrence;
  }, onHeld);
}

/** Of the person: outside, in both directories, and in the cluster. */
function pointsSince(writes: number, requests: number, name: string): readonly Point[] {
  const counts = new Map<string, number>();
  const inDirectory = ldap.writes.slice(writes).map((template): Point => {
    const occurrence = (counts.get(template) ?? 0) + 1;
    counts.set(template, occurrence);
    return { template, occurrence, isLdap: true };
  });
  const isOfPerson = (request: GatewayRequest): boolean =>
    isOutsideWrite(request) ||
    (request.service === 'kubernetes' && new RegExp(`/${name}\\b|/secrets$`).test(request.path));
  const others = crashPointsOf(gateway.requests.slice(requests).filter(isOfPerson), name);
  return [...inDirectory, ...others.map((point) => ({ ...point, isLdap: false }))];
}

/** From nothing to somebody who works. Returns whether the operator was killed at the point. */
async function joinBoth(
  name: string,
  point?: Point,
  expectEnd: (name: string) => Promise<void> = expectUsable,
): Promise<boolean> {
  let isHit = false;
  let isKilled = false;
  if (point !== undefined) hold(point, name, () => (isHit = true));
  await put(name);
  await until(
    `${name} to be Ready`,
    async () => {
      if (isHit && !isKilled) {
        isKilled = true;
        await killAndStart();
      }
      // The last write of the record shows before it is known to be held.
      return (point === undefined || isKilled) && isReady(await both.person(name));
    },
    { timeoutMs: 40_000, everyMs: 20 },
  );
  gateway.passAll();
  ldap.passAll();
  await expectOnePerson(both, name);
  await expectEnd(name);
  return isKilled;
}

/** With a password that nobody can use before it is changed. */
async function expectMustChange(name: string): Promise<void> {
  const shown = ['userAccountControl', 'pwdLastSet'].map((one) => both.shown(name, one));
  expect(await Promise.all(shown)).toEqual(['512', '0']);
}

async function expectUsable(name: string): Promise<void> {
  const user = liveUsers(world.stage).find((one) => one.userPrincipalName === upnOf(name));
  expect(user?.licenses).toHaveLength(1);
  expect(user?.properties['accountEnabled']).toBe(true);
  expect(await both.shown(name, 'memberOf')).toMatch(/^CN=desktop-users,/);
  const path = 'jsonpath={.data.password}';
  const secret = await kubectl('get', 'secret', name, '-n', 'contoso', '-o', path);
  expect(await both.canSignIn(upnOf(name), Buffer.from(secret, 'base64').toString())).toBe(true);
}

it.skipIf(isWaived)(
  'killed at any step, there is one person',
  async () => {
    await joinBoth('first');
    const [writes, requests] = [ldap.writes.length, gateway.requests.length];
    await joinBoth('recorded');
    const points = pointsSince(writes, requests, 'recorded');
    const shown = points.map(({ template, occurrence }) => `${template} #${String(occurrence)}`);
    console.info(shown.join('\n'));
    expect(shown).toEqual(
      expect.arrayContaining([
        'add #1',
        'modify unicodePwd #1',
        'modify userAccountControl #1',
        'modify member #1',
        'POST graph /v1.0/users #1',
        'POST graph /v1.0/users/{id}/assignLicense #1',
      ]),
    );
    const problems: string[] = [];
    for (const [n, point] of points.entries()) {
      const name = `crash${String(n)}x`;
      const others = await both.others();
      try {
        if (!(await joinBoth(name, point))) problems.push(`${shown[n] ?? ''}: not reached`);
        expect(await both.others(name)).toEqual(others);
      } catch (error) {
        problems.push(`${shown[n] ?? ''}: ${String(error)}`);
      }
    }
    expect(problems).toEqual([]);
  },
  300_000,
);

it.skipIf(isWaived)(
  'while answers of both sides are lost, there is one of each person',
  async () => {
    const names = ['lost0', 'lost1', 'lost2', 'lost3'];
    const others = await both.others();
    const lostBefore = ldap.lost;
    const { faults } = world.stage.simulator;
    faults.add({ kind: 'lostAnswer', service: 'graph', probability: 0.2, seed: 7 });
    ldap.lose(3);
    await Promise.all(names.map((name) => put(name)));
    for (const name of names) await world.desk.ready('M365User', name, patienceWithLossMs);
    // Added, password, enabled, group: of each third no answer came.
    expect(ldap.lost - lostBefore).toBeGreaterThanOrEqual(Math.floor((names.length * 4) / 3));
    faults.clear();
    ldap.passAll();
    for (const name of names) {
      await expectOnePerson(both, name);
      await expectUsable(name);
    }
    expect(await both.others(...names)).toEqual(others);
  },
  300_000,
);

it.skipIf(isWaived)(
  'killed before the account is enabled, it still has to change its password at the first logon',
  async () => {
    await world.desk.put('M365Tenant', 'contoso', 'northwind', {
      ...northwind,
      identity: { activeDirectory: 'Managed', passwords: 'ActiveDirectory' },
    });
    await world.desk.ready('M365Tenant', 'northwind');
    const point = { template: 'modify unicodePwd', occurrence: 1, isLdap: true };
    expect(await joinBoth('changing', point, expectMustChange)).toBe(true);
  },
);
