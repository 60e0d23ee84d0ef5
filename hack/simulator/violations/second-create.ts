import {
  clientOf,
  fingerprint,
  isSuccess,
  member,
  type Rule,
  remember,
  type Sight,
} from './rule.ts';

interface Made {
  readonly id: string;
  readonly requestId: string | undefined;
  readonly atMs: number;
}

interface Kind {
  readonly service: Sight['service'];
  readonly path: RegExp;
  /** What makes it one of a kind, from the request. */
  readonly keyOf: (sight: Sight) => string;
  /** For how long a second one is wrong, in simulated milliseconds. */
  readonly holdsMs: number;
}

const bodyText = (...names: string[]) => {
  return ({ request }: Sight) => String(names.reduce(member, request.body)).toLowerCase();
};

const KINDS: Readonly<Record<string, Kind>> = {
  user: {
    service: 'graph',
    path: /^\/v1\.0\/users$/,
    keyOf: bodyText('userPrincipalName'),
    holdsMs: Infinity,
  },
  domain: {
    service: 'graph',
    path: /^\/v1\.0\/domains$/,
    keyOf: bodyText('id'),
    holdsMs: Infinity,
  },
  customer: {
    service: 'partnerCenter',
    path: /^\/v1\/customers$/,
    keyOf: bodyText('companyProfile', 'domain'),
    holdsMs: Infinity,
  },
  /** As long as a cart lives (partner-center.md 5.1). */
  cart: {
    service: 'partnerCenter',
    path: /^\/v1\/customers\/[^/]+\/carts$/,
    keyOf: fingerprint,
    holdsMs: 7 * 86_400_000,
  },
};

/**
 * Once a client was told that it made a thing, it does not make it again, unless somebody removed, renamed or (a cart)
 * ordered it. Repeats with the same MS-RequestId make nothing.
 */
export const secondCreate: Rule<Map<string, Made>> = {
  name: 'second-create',
  says: 'What was made is not made again: same user principal name, domain, customer, open cart (DESIGN: creates are looked up).',
  begin: () => new Map(),
  look(made, sight) {
    forget(made, sight);
    const client = clientOf(sight);
    const name = sight.request.method === 'POST' ? kindOf(sight) : undefined;
    const kind = name === undefined ? undefined : KINDS[name];
    if (client === undefined || kind === undefined) return undefined;
    const key = `${client} ${name} ${kind.keyOf(sight)}`;
    const before = made.get(key);
    const requestId = sight.request.headers['ms-requestid'];
    if (isSuccess(sight)) {
      const id = String(member(sight.answer.body, 'id')).toLowerCase();
      remember(made, key, { id, requestId, atMs: sight.atMs });
    }
    if (before === undefined || sight.atMs - before.atMs > kind.holdsMs) return undefined;
    const isRepeat = requestId !== undefined && requestId === before.requestId;
    return isRepeat ? undefined : `this ${name} was made before: ${before.id}`;
  },
};

function kindOf({ service, request }: Sight): string | undefined {
  return Object.keys(KINDS).find((name) => {
    const kind = KINDS[name];
    return kind?.service === service && kind.path.test(request.path);
  });
}

function forget(made: Map<string, Made>, { request, answer }: Sight): void {
  if (made.size === 0 || !isEnd(request, answer.status)) return;
  const [last = ''] = request.path
    .replace(/\/checkout$/, '')
    .split('/')
    .slice(-1);
  const gone = decodeURIComponent(last).toLowerCase();
  for (const [key, { id }] of made) {
    if (id === gone || key.endsWith(` ${gone}`)) made.delete(key);
  }
}

/** Whoever sends it: the thing, whose id or name ends the path, may be made again. A refused checkout is a reason, too. */
function isEnd({ method, path, body }: Sight['request'], status: number): boolean {
  if (method === 'POST') return path.endsWith('/checkout');
  if (status >= 400) return false;
  return method === 'DELETE' || member(body, 'userPrincipalName') !== undefined;
}
