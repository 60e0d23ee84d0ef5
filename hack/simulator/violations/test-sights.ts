/** What the tests of the rules share: requests and answers in short form. */
import { expect, it } from 'vitest';
import type { Rule, Sight } from './rule.ts';

export const START = Date.parse('2026-09-01T09:00:00Z');
export const DAY_MS = 86_400_000;
export const CUSTOMER = '/v1/customers/c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f';

export interface Step {
  /** `METHOD path?query`; Partner Center below /v1/, else Graph. */
  readonly ask: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly answer?: unknown;
  /** Milliseconds after the start, on both clocks; simulated alone with `movedMs`. */
  readonly atMs?: number;
  readonly movedMs?: number;
  readonly isAnswered?: boolean;
  readonly kind?: Sight['kind'];
  readonly appId?: string;
}

const USUAL: Required<Omit<Step, 'ask'>> = {
  headers: {},
  answerHeaders: {},
  body: undefined,
  answer: undefined,
  status: 200,
  atMs: 0,
  movedMs: 0,
  isAnswered: true,
  kind: 'request',
  appId: 'app',
};
const CALLER = {
  tenantId: 't',
  audience: '',
  kind: 'app',
  roles: [],
  scopes: [],
  mfa: true,
} as const;

function sightOf(step: Step): Sight {
  const [method = '', url = ''] = step.ask.split(' ');
  const { pathname, searchParams } = new URL(url, 'https://x.invalid');
  const { atMs, movedMs, headers, body, status, answer, ...rest } = { ...USUAL, ...step };
  const caller = { ...CALLER, appId: rest.appId };
  return {
    kind: rest.kind,
    service: pathname.startsWith('/v1/') ? 'partnerCenter' : 'graph',
    request: {
      method,
      path: pathname,
      query: searchParams,
      headers,
      body,
      caller,
    },
    answer: { status, headers: rest.answerHeaders, body: answer },
    isAnswered: rest.isAnswered,
    atMs: START + atMs + movedMs,
    arrivedMs: START + atMs,
    answeredMs: START + atMs,
  };
}

/** What the rule says of the last of these. */
function verdict<State>(rule: Rule<State>, steps: readonly Step[]): string | undefined {
  const state = rule.begin();
  return steps.map((step) => rule.look(state, sightOf(step))).at(-1);
}

export type Scenario = readonly [
  name: string,
  expected: string | undefined,
  ...steps: readonly Step[],
];

export function walk<State>(rule: Rule<State>, scenarios: readonly Scenario[]): void {
  const cases = scenarios.map(([name, expected, ...steps]) => ({ name, expected, steps }));
  it.each(cases)('$name', ({ expected, steps }) => expect(verdict(rule, steps)).toBe(expected));
}
