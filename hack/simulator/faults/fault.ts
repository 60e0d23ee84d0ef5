/** A fault that tests and people order, on the control port or through `Simulator.faults`. */
import { z } from 'zod';
import { SERVICES, type ServiceName } from '../services.ts';

/** What each kind does. The request takes effect, but for those that say otherwise. */
export const FAULT_KINDS = {
  status: 'answers with `status` (500), `headers` and `body` instead; nothing takes effect',
  lostRequest: 'closes the connection; the request never takes effect',
  lostAnswer: 'closes the connection instead of answering',
  reset: 'resets the connection (TCP RST); the request never takes effect',
  delay: 'answers after `delayMs`',
  slow: 'answers piece by piece, over `delayMs`',
  truncated: 'sends half of the body, then closes the connection',
  expiredToken: 'treats the token as expired',
  consentWithdrawn: 'treats the token as one without permissions; login refuses the app',
  mfaMissing: "treats the user's token as one without multi-factor authentication",
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

const KINDS = Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]];

/** Services that a kind can strike; the others: all. */
const STRIKES: Partial<Record<FaultKind, readonly ServiceName[]>> = {
  expiredToken: ['graph', 'partnerCenter'],
  mfaMissing: ['partnerCenter'],
};

export function canStrike(kind: FaultKind, service: ServiceName): boolean {
  return STRIKES[kind]?.includes(service) ?? true;
}

export const Fault = z
  .strictObject({
    service: z.enum(SERVICES).optional(),
    method: z.string().optional(),
    /** Regular expression on the path without the query. */
    path: z.string().optional(),
    /** The tenant of the token; at login, of the path. */
    tenantId: z.guid().optional(),
    /** The application of the token; at login, of the form. */
    appId: z.guid().optional(),
    /** So many requests that the fault fits pass before it begins. */
    after: z.int().nonnegative().optional(),
    /** How often it strikes; without it, until it is removed. */
    times: z.int().positive().optional(),
    probability: z.number().min(0).max(1).optional(),
    /** Of the chance, so that a run replays whatever else is asked. Default: the world's. */
    seed: z.int().optional(),
    kind: z.enum(KINDS),
    status: z.int().min(400).max(599).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    /** Real milliseconds. Any kind can be late. */
    delayMs: z.number().nonnegative().optional(),
    /** Login only: the AADSTS code of the answer, e.g. 53003. */
    aadsts: z.int().positive().optional(),
  })
  .check(({ value, issues }) => {
    for (const [path, isWrong, why] of CONTRADICTIONS) {
      if (!isWrong(value)) continue;
      issues.push({ code: 'custom', path: [path], message: why(value), input: value });
    }
  });
export type Fault = z.infer<typeof Fault>;

type Members = Readonly<Record<string, unknown>> & {
  readonly kind: FaultKind;
  readonly service?: ServiceName | undefined;
  readonly path?: string | undefined;
};

/** Members that make no sense: which, when, and what is wrong with it. */
const CONTRADICTIONS: readonly (readonly [
  member: string,
  isWrong: (fault: Members) => boolean,
  why: (fault: Members) => string,
])[] = [
  [
    'path',
    ({ path = '' }) => !isExpression(path),
    ({ path }) => `"${path}" is no regular expression`,
  ],
  ...['status', 'headers', 'body', 'aadsts'].map(
    (name) =>
      [
        name,
        (fault: Members) => fault[name] !== undefined && fault.kind !== 'status',
        (fault: Members) => `only kind "status" has ${name}, not "${fault.kind}"`,
      ] as const,
  ),
  [
    'aadsts',
    (fault) => fault['aadsts'] !== undefined && fault.service !== 'login',
    () => 'only service "login" answers with AADSTS codes',
  ],
  [
    'delayMs',
    (fault) => ['delay', 'slow'].includes(fault.kind) && fault['delayMs'] === undefined,
    ({ kind }) => `kind "${kind}" needs delayMs`,
  ],
  [
    'service',
    ({ kind, service }) => service !== undefined && !canStrike(kind, service),
    ({ kind, service }) => `kind "${kind}" strikes ${STRIKES[kind]?.join(' and ')}, not ${service}`,
  ],
  [
    'seed',
    (fault) => fault['seed'] !== undefined && fault['probability'] === undefined,
    () => 'a seed needs a probability',
  ],
];

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
