import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('the environment', () => {
  it('may be empty', () => {
    expect(readConfig({})).toEqual({
      kubeconfig: undefined,
      watchNamespaces: undefined,
      shardSelector: undefined,
      shardCount: 1,
      partnerCenterRequestsPerMinute: 500,
      podNamespace: 'default',
      podName: hostname(),
      metricsAddress: ':8080',
      healthAddress: ':8081',
      logLevel: 'info',
      auditLog: undefined,
      auditLogMaxBytes: 100_000_000,
      auditLogFiles: 10,
      pollMs: 60_000,
      resyncMs: 36_000_000,
      isPaused: false,
      overrides: {},
    });
  });

  it('says all', () => {
    const config = readConfig({
      KUBECONFIG: '/k',
      WATCH_NAMESPACES: ' a, b ,,c ',
      SHARD_SELECTOR: 'shard=1',
      SHARD_COUNT: '3',
      POD_NAMESPACE: 'ops',
      POD_NAME: 'op-0',
      METRICS_ADDR: '127.0.0.1:9090',
      HEALTH_ADDR: '[::1]:9091',
      LOG_LEVEL: 'debug',
      AUDIT_LOG: '/a',
      AUDIT_LOG_MAX_MB: '5',
      AUDIT_LOG_FILES: '3',
      POLL_SECONDS: '2',
      RESYNC_HOURS: '24',
      PAUSED: 'true',
      M365_LOGIN_URL: 'https://login.test/',
      M365_GRAPH_URL: 'https://graph.test:8443//',
      M365_PARTNER_CENTER_URL: 'https://partner.test',
      SOMETHING_ELSE: 'ignored',
    });
    expect(config).toMatchObject({
      watchNamespaces: ['a', 'b', 'c'],
      shardCount: 3,
      healthAddress: '[::1]:9091',
      auditLogMaxBytes: 5_000_000,
      auditLogFiles: 3,
      pollMs: 2_000,
      resyncMs: 86_400_000,
      isPaused: true,
      overrides: {
        login: 'https://login.test',
        graph: 'https://graph.test:8443',
        partnerCenter: 'https://partner.test',
      },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes empty for unset', () => {
    const empty = { LOG_LEVEL: '', POLL_SECONDS: '', M365_GRAPH_URL: '', WATCH_NAMESPACES: ' , ' };
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  it.each([
    ['METRICS_ADDR', '8080'],
    ['HEALTH_ADDR', 'host:port'],
    ['LOG_LEVEL', 'loud'],
    ['PAUSED', 'yes'],
    ['SHARD_COUNT', '0'],
    ['POLL_SECONDS', '0'],
    ['POLL_SECONDS', '1.5'],
    ['POLL_SECONDS', 'often'],
    ['RESYNC_HOURS', '169'],
    ['M365_LOGIN_URL', 'http://login.test'],
    ['M365_GRAPH_URL', 'ftp://graph.test'],
    ['M365_PARTNER_CENTER_URL', 'partner.test'],
  ])('is refused by name: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      new RegExp(`^the environment is not valid:\\n {2}${name}: `),
    );
  });

  it('is refused with everything that is wrong, at once', () => {
    const wrong = { LOG_LEVEL: 'loud', POLL_SECONDS: '0', M365_LOGIN_URL: 'http://login.test' };
    for (const name of Object.keys(wrong)) expect(() => readConfig(wrong)).toThrow(name);
  });
});
