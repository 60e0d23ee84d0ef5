import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadEndpoint } from './endpoint.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function kubeconfig(user: object, cluster: object = {}, context = 'one'): Promise<string> {
  const path = join(folder, 'config');
  const content = {
    clusters: [{ name: 'one', cluster: { server: 'https://example.com:6443/base', ...cluster } }],
    users: [{ name: 'one', user }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    'current-context': context,
  };
  await writeFile(path, stringify(content));
  return path;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a kubeconfig', () => {
  it('with a token', async () => {
    const { server, credentials } = await loadEndpoint(await kubeconfig({ token: 'abc' }));
    expect(server).toBe('https://example.com:6443/base');
    expect(await credentials()).toEqual({ headers: { Authorization: 'Bearer abc' }, tls: {} });
  });

  it('with a client certificate and an authority', async () => {
    const user = {
      'client-certificate-data': base64('cert'),
      'client-key-data': base64('key'),
    };
    const cluster = { 'certificate-authority-data': base64('ca'), 'tls-server-name': 'inner' };
    const { credentials } = await loadEndpoint(await kubeconfig(user, cluster));
    const [ca, cert, key] = ['ca', 'cert', 'key'].map((text) => Buffer.from(text));
    expect(await credentials()).toEqual({
      headers: {},
      tls: { ca, cert, key, servername: 'inner' },
    });
  });

  it('with a user and a password, through a proxy, without verification', async () => {
    const cluster = { 'insecure-skip-tls-verify': true, 'proxy-url': 'http://proxy:1' };
    const user = { username: 'u', password: 'p' };
    const { credentials, proxyUrl } = await loadEndpoint(await kubeconfig(user, cluster));
    expect(proxyUrl).toBe('http://proxy:1');
    expect(await credentials()).toEqual({
      headers: { Authorization: `Basic ${base64('u:p')}` },
      tls: { rejectUnauthorized: false },
    });
  });

  it('with a plug-in that gives tokens', async () => {
    const answer = JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plug-in' },
    });
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', `console.log(${JSON.stringify(answer)})`],
    };
    const { credentials } = await loadEndpoint(await kubeconfig({ exec }));
    expect((await credentials()).headers).toEqual({ Authorization: 'Bearer from-plug-in' });
  });

  it('with a file of tokens, read anew each time', async () => {
    const path = await kubeconfig({ tokenFile: 'token' });
    await writeFile(join(folder, 'token'), 'first\n');
    const { credentials } = await loadEndpoint(path);
    expect((await credentials()).headers).toEqual({ Authorization: 'Bearer first' });
    await writeFile(join(folder, 'token'), 'second');
    expect((await credentials()).headers).toEqual({ Authorization: 'Bearer second' });
  });

  it('with somebody to act as: name, uid, groups and extras', async () => {
    const user = {
      token: 'abc',
      as: 'ops',
      'as-uid': 'u-1',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'example.com/why': ['night'] },
    };
    const { credentials } = await loadEndpoint(await kubeconfig(user));
    expect((await credentials()).headers).toEqual({
      Authorization: 'Bearer abc',
      'Impersonate-User': 'ops',
      'Impersonate-Uid': 'u-1',
      'Impersonate-Group': ['a', 'b'],
      'Impersonate-Extra-example.com%2Fwhy': ['night'],
    });
  });

  it('without the cluster that its context names says so', async () => {
    await expect(loadEndpoint(await kubeconfig({}, {}, 'two'))).rejects.toThrow('context "two"');
  });
});
