/** The way to a real Active Directory: certificates, credentials, several controllers, broken connections. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openSession } from '../../operator/clients/active-directory/session.ts';
import { issueCertificate } from '../samba/certificates.ts';
import { Relay } from '../samba/relay.ts';
import {
  failure,
  isWaived,
  newAccount,
  password,
  signal,
  TestDirectory,
  within,
} from '../samba/test-directory.ts';

const d = TestDirectory.use('127.0.0.23');

function binds(): number {
  return d.exchanges.filter(({ operation, code }) => operation === 'Bind' && code === '0').length;
}

describe.skipIf(isWaived)('the connection', () => {
  it('is verified: naming context and controller', async () => {
    expect(await d.client().verify(signal)).toEqual({
      defaultNamingContext: d.controller.baseDN,
      controller: d.controller.url,
    });
    expect(d.exchanges[0]).toMatchObject({
      system: 'ActiveDirectory',
      operation: 'Bind',
      code: '0',
    });
  });

  it('is refused where another authority signed the certificate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'm365-other-ca-'));
    const other = await readFile(await issueCertificate(folder, '127.0.0.1'), 'utf8');
    await rm(folder, { recursive: true });
    const error = await failure(d.client({ ca: other }).verify(signal));
    expect(error).toMatchObject({ class: 'Wait', reason: 'CertificateInvalid' });
    expect(error.message).toBe(
      `${d.controller.url}: its certificate is not signed by the authority in ca.crt`,
    );
    const noCertificate = await failure(d.client({ ca: 'nonsense' }).verify(signal));
    expect(noCertificate).toMatchObject({ class: 'Wait', reason: 'CertificateInvalid' });
  });

  it('is refused where the certificate is for another name', async () => {
    // The same controller under an address that its certificate does not name.
    const relay = new Relay(d.controller.url);
    const url = (await relay.start()).replace('localhost', '127.0.0.1');
    const error = await failure(d.client({ domainControllers: [url] }).verify(signal));
    expect(error).toMatchObject({ class: 'Wait', reason: 'CertificateInvalid' });
    expect(error.message).toBe(`${url}: its certificate is for another name`);
    await relay.stop();
  });

  it('says that the password is wrong, and does not ask again and again', async () => {
    const bindPassword = 'Wr0ng-Pass-1!';
    const directory = d.client({
      bindPassword,
      domainControllers: [d.controller.url, 'ldaps://localhost:1'],
    });
    const error = await failure(directory.verify(signal));
    expect(error).toMatchObject({ class: 'Wait', reason: 'CredentialsRefused' });
    expect(error.message).toBe(`${d.controller.url}: bindDN or bindPassword is wrong`);
    expect(`${error.stack}${(error.cause as Error).stack}`).not.toContain(bindPassword);
    expect(await failure(directory.verify(signal))).toBe(error);
    expect(d.exchanges.map(({ code }) => code)).toEqual(['49']);
    d.nowMs += 6 * 60_000;
    await failure(directory.verify(signal));
    // The other controller, which has not failed yet, is tried first.
    expect(d.exchanges.map(({ code }) => code)).toEqual(['49', 'error', '49']);
  });

  it('says that the customers OU is missing', async () => {
    const customersOU = 'OU=None,DC=corp,DC=example';
    expect(await failure(d.client({ customersOU }).verify(signal))).toMatchObject({
      class: 'Wait',
      reason: 'OrganizationalUnitMissing',
    });
  });

  it('says what a service account without rights lacks', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const mia = newAccount(unit);
    await directory.createAccount(mia, signal);
    const weak = d.client({ bindDN: mia.userPrincipalName, bindPassword: password });
    const made = weak.createAccount(newAccount(unit), signal);
    expect(await failure(made)).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
  });

  it.each([
    ['disabled', 'userAccountControl', '514', 'ServiceAccountDisabled'],
    ['expired', 'accountExpires', '1', 'ServiceAccountExpired'],
    ['to change its password', 'pwdLastSet', '0', 'ServicePasswordExpired'],
  ])('says that the service account is %s, and works when it is not', async (_, ...set) => {
    const [attribute, value, reason] = set;
    const directory = d.client();
    const service = newAccount(await d.newUnit(directory));
    const { distinguishedName } = await directory.createAccount(service, signal);
    const as = () => d.client({ bindDN: service.userPrincipalName, bindPassword: password });
    const before = await d.read(distinguishedName, attribute);
    await d.replace(distinguishedName, attribute, [value]);
    expect(await failure(as().verify(signal))).toMatchObject({ class: 'Wait', reason });
    const good = attribute === 'pwdLastSet' ? '-1' : String(before[attribute]);
    await d.replace(distinguishedName, attribute, [good]);
    expect(await as().verify(signal)).toMatchObject({ controller: d.controller.url });
  });

  it.each(['its DN', 'its UPN', 'domain and logon name'])(
    'takes the service account by %s',
    async (how) => {
      const directory = d.client();
      const service = newAccount(await d.newUnit(directory));
      const { distinguishedName } = await directory.createAccount(service, signal);
      const names: Readonly<Record<string, string>> = {
        'its DN': distinguishedName,
        'its UPN': service.userPrincipalName,
        'domain and logon name': `CORP\\${service.samAccountName}`,
      };
      const as = d.client({ bindDN: names[how] ?? '', bindPassword: password });
      expect(await as.verify(signal)).toMatchObject({ controller: d.controller.url });
    },
  );

  it('says that the service account is locked, and never locks it: a wrong password is tried once', async () => {
    const directory = d.client();
    const service = newAccount(await d.newUnit(directory));
    const { distinguishedName } = await directory.createAccount(service, signal);
    const as = (bindPassword: string) =>
      d.client({ bindDN: service.userPrincipalName, bindPassword });
    try {
      await d.replace(d.controller.baseDN, 'lockoutThreshold', ['3']);
      const wrong = as('Wr0ng-Pass-1!');
      for (const _ of [1, 2, 3, 4, 5]) await failure(wrong.verify(signal));
      expect(await as(password).verify(signal)).toMatchObject({ controller: d.controller.url });
      for (const _ of [1, 2, 3]) await failure(as('Wr0ng-Pass-1!').verify(signal));
      const locked = { class: 'Wait', reason: 'ServiceAccountLocked' };
      expect(await failure(as(password).verify(signal))).toMatchObject(locked);
      await d.replace(distinguishedName, 'lockoutTime', ['0']);
      expect(await as(password).verify(signal)).toMatchObject({ controller: d.controller.url });
    } finally {
      await d.replace(d.controller.baseDN, 'lockoutThreshold', ['0']);
    }
  });

  it('names every controller where none answers, in the declared order', async () => {
    const domainControllers = ['ldaps://localhost:1', 'ldaps://nowhere.invalid'];
    const error = await failure(d.client({ domainControllers }).verify(signal));
    expect(error).toMatchObject({ class: 'Transient', reason: 'ConnectionFailed' });
    expect(error.message).toBe(
      'ldaps://localhost:1: it refuses connections; ldaps://nowhere.invalid: its name is not known to DNS',
    );
  });

  it('goes to the next controller, back when the first was well for a minute, and again when that one fails', async () => {
    const first = new Relay(d.controller.url);
    const second = new Relay(d.controller.url);
    const urls = [await first.start(), await second.start()];
    await first.stop();
    const directory = d.client({ domainControllers: urls });
    const used = async (): Promise<string> => (await directory.verify(signal)).controller;
    expect(await used()).toBe(urls[1]);
    const revived = new Relay(d.controller.url);
    await revived.start(Number(new URL(urls[0] ?? '').port));
    // Tried once a minute, and well twice in a row.
    await vi.waitFor(async () => {
      d.nowMs += 60_000;
      expect(await used()).toBe(urls[0]);
    }, within);
    expect(revived.accepted).toBeGreaterThanOrEqual(2);
    await vi.waitFor(() => expect(second.open).toBe(0), within);
    await revived.stop();
    await vi.waitFor(async () => expect(await used()).toBe(urls[1]), within);
    await directory.close();
    await second.stop();
  });

  it('is one for all calls that start at the same time', async () => {
    const relay = new Relay(d.controller.url);
    const directory = d.client({ domainControllers: [await relay.start()] });
    const calls = Array.from({ length: 20 }, () => directory.verify(signal));
    expect(await Promise.all(calls)).toHaveLength(20);
    expect(relay.accepted).toBe(1);
    relay.cut();
    await vi.waitFor(() => expect(relay.open).toBe(0), within);
    await vi.waitFor(
      () => Promise.all(Array.from({ length: 20 }, () => directory.verify(signal))),
      within,
    );
    expect(relay.accepted).toBe(2);
    await directory.close();
    await vi.waitFor(() => expect(relay.open).toBe(0), within);
    await relay.stop();
  });

  it('is bound again after the server closed it for idleness', async () => {
    const policies =
      'CN=Query-Policies,CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=corp,DC=example';
    const policy = `CN=Default Query Policy,${policies}`;
    const relay = new Relay(d.controller.url);
    const limits = [
      (await d.read(policy, 'lDAPAdminLimits'))['lDAPAdminLimits'],
    ].flat() as string[];
    const others = limits.filter((limit) => !limit.startsWith('MaxConnIdleTime='));
    try {
      await d.replace(policy, 'lDAPAdminLimits', [...others, 'MaxConnIdleTime=1']);
      const directory = d.client({ domainControllers: [await relay.start()] });
      const unit = await d.newUnit(directory);
      expect(binds()).toBe(1);
      await vi.waitFor(() => expect(relay.open).toBe(0), within);
      expect(await directory.findGroup(unit, 'x', signal)).toBeUndefined();
      expect(binds()).toBe(2);
      await directory.close();
    } finally {
      await d.replace(policy, 'lDAPAdminLimits', limits);
      await relay.stop();
    }
  });

  it('is never reopened without a bind: a call that had begun fails and is tried again', async () => {
    const relay = new Relay(d.controller.url);
    const session = await openSession(await relay.start(), d.options());
    relay.cut();
    await vi.waitFor(() => expect(session.isAlive).toBe(false), within);
    const search = { operation: 'Read', base: d.controller.customersOU, attributes: ['ou'] };
    expect(await failure(session.read(search, signal))).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionFailed',
    });
    expect(relay.accepted).toBe(1);
    await session.close();
    await relay.stop();
  });

  it('leaves no socket behind after a refused bind', async () => {
    const relay = new Relay(d.controller.url);
    const domainControllers = [await relay.start()];
    await failure(d.client({ domainControllers, bindPassword: 'Wr0ng-Pass-1!' }).verify(signal));
    await vi.waitFor(() => expect(relay.open).toBe(0), within);
    expect(relay.accepted).toBe(1);
    await relay.stop();
  });

  it('ends with its signal, and with close', async () => {
    const controller = new AbortController();
    const directory = d.client();
    const call = directory.verify(controller.signal);
    controller.abort(new Error('shutting down'));
    await expect(call).rejects.toThrow('shutting down');
    await directory.close();
    expect(await failure(directory.verify(signal))).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionClosed',
    });
  });
});
