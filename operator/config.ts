/** The environment, read and checked in this one place. README lists every variable. */
import { hostname } from 'node:os';
import * as z from 'zod';

const url = z
  .url({ protocol: /^https$/ })
  .transform((value) => value.replace(/\/+$/, ''))
  .optional();

const address = z.string().regex(/^[^\s]*:\d{1,5}$/, 'must be host:port or :port');

const Environment = z.object({
  KUBECONFIG: z.string().optional(),
  WATCH_NAMESPACES: z.string().optional(),
  SHARD_SELECTOR: z.string().optional(),
  SHARD_COUNT: z.coerce.number().int().min(1).max(100).default(1),
  PARTNER_CENTER_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(500),
  POD_NAMESPACE: z.string().default('default'),
  POD_NAME: z.string().default(hostname()),
  METRICS_ADDR: address.default(':8080'),
  HEALTH_ADDR: address.default(':8081'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  AUDIT_LOG: z.string().optional(),
  AUDIT_LOG_MAX_MB: z.coerce.number().int().min(1).max(10_000).default(100),
  AUDIT_LOG_FILES: z.coerce.number().int().min(1).max(1000).default(10),
  POLL_SECONDS: z.coerce.number().int().min(1).max(3600).default(60),
  PAUSED: z.enum(['true', 'false']).default('false'),
  RESYNC_HOURS: z.coerce.number().int().min(1).max(168).default(10),
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  M365_LOGIN_URL: url,
  M365_GRAPH_URL: url,
  M365_PARTNER_CENTER_URL: url,
});

export type Config = ReturnType<typeof readConfig>;

/** Throws an Error that names each variable that is wrong, and how. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new Error(`the environment is not valid:\n  ${problems.join('\n  ')}`);
  }
  const env = parsed.data;
  const overrides = {
    login: env.M365_LOGIN_URL,
    graph: env.M365_GRAPH_URL,
    partnerCenter: env.M365_PARTNER_CENTER_URL,
  };
  return Object.freeze({
    kubeconfig: env.KUBECONFIG,
    watchNamespaces: namesIn(env.WATCH_NAMESPACES),
    shardSelector: env.SHARD_SELECTOR,
    shardCount: env.SHARD_COUNT,
    partnerCenterRequestsPerMinute: env.PARTNER_CENTER_REQUESTS_PER_MINUTE,
    podNamespace: env.POD_NAMESPACE,
    podName: env.POD_NAME,
    metricsAddress: env.METRICS_ADDR,
    healthAddress: env.HEALTH_ADDR,
    logLevel: env.LOG_LEVEL,
    auditLog: env.AUDIT_LOG,
    auditLogMaxBytes: env.AUDIT_LOG_MAX_MB * 1_000_000,
    auditLogFiles: env.AUDIT_LOG_FILES,
    pollMs: env.POLL_SECONDS * 1000,
    resyncMs: env.RESYNC_HOURS * 60 * 60_000,
    isPaused: env.PAUSED === 'true',
    federatedTokenFile: env.AZURE_FEDERATED_TOKEN_FILE,
    overrides: defined(overrides),
  });
}

function namesIn(list: string | undefined): readonly string[] | undefined {
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length === 0 ? undefined : names;
}

function defined<T extends Record<string, string | undefined>>(values: T) {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ) as { [K in keyof T]?: string };
}
