/** What the simulator's own tests share: one client over real TLS. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import type { Operation } from './contract.ts';
import { responseProblems } from './contract-responses.ts';
import { matchRoute } from './graph/route.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './index.ts';
import { DEFAULT_PARTNER } from './seed.ts';

/** What the tests read of bodies one by one; which of it an answer has depends on the call. */
interface AnswerBody {
  readonly '@odata.count': number;
  readonly '@odata.deltaLink': string;
  readonly '@odata.etag': string;
  readonly '@odata.nextLink': string;
  readonly access_token: string;
  readonly assignedLicenses: readonly unknown[];
  readonly clientId: string;
  readonly clientSecret: string;
  readonly entries: readonly unknown[];
  /** Login answers a text, Graph an object. */
  readonly error: string & { readonly code: string; readonly message: string };
  readonly error_codes: readonly number[];
  readonly error_description: string;
  readonly id: string;
  readonly licenseAssignmentStates: readonly unknown[];
  readonly manager: unknown;
  readonly now: string;
  readonly refresh_token: string;
  readonly responses: readonly unknown[];
  readonly seats: readonly unknown[];
  readonly status: string;
  readonly tenantId: string;
  readonly value: readonly unknown[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnswerBody;
}

export interface Options {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every answer is held against the contract, those within a batch too. */
function checkAnswer(method: string, path: string, answer: Answer, sent: unknown): void {
  checkResponse(method, path, answer);
  if (path !== '/$batch' || answer.status !== 200) return;
  const { requests } = sent as { readonly requests: readonly BatchRequest[] };
  for (const response of answer.body.responses as readonly BatchResponse[]) {
    const request = requests.find(({ id }) => id === response.id);
    const { pathname } = new URL(`https://batch.invalid/${request?.url.replace(/^\//, '')}`);
    checkResponse(request?.method ?? '', pathname, response);
  }
}

function checkResponse(
  method: string,
  path: string,
  answer: { readonly status: number; readonly body?: unknown },
): void {
  const operation = operationOf(method, path);
  // What has no operation is refused.
  expect(operation !== undefined || answer.status >= 400, `${method} ${path}`).toBe(true);
  if (operation) expect(responseProblems(operation, answer.status, answer.body)).toEqual([]);
}

interface BatchRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}
interface BatchResponse {
  readonly id: string;
  readonly status: number;
  readonly body?: unknown;
}

function operationOf(method: string, path: string): Operation | undefined {
  try {
    return matchRoute(method, path).operation;
  } catch {
    return undefined;
  }
}

export class Kit {
  readonly simulator: Simulator;
  private readonly agent: Agent;

  private constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.agent = new Agent({ connect: { ca: readFileSync(simulator.caFile, 'utf8') } });
  }

  static async start(options: SimulatorOptions = {}): Promise<Kit> {
    return new Kit(await startSimulator({ world: 'default', ...options }));
  }

  async stop(): Promise<void> {
    await this.agent.close();
    await this.simulator.stop();
  }

  async send(method: string, url: string, options: Options = {}): Promise<Answer> {
    const isForm = options.body instanceof URLSearchParams;
    const answer = await request(url, {
      method: method as 'GET',
      dispatcher: this.agent,
      headers: {
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(options.body === undefined
          ? {}
          : { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined
        ? {}
        : { body: isForm ? String(options.body) : JSON.stringify(options.body) }),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).includes('/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: (isJson ? JSON.parse(text) : text) as AnswerBody,
    };
  }

  /** A body that is text already. */
  async sendText(method: string, url: string, text: string): Promise<Answer> {
    const answer = await request(url, {
      method: method as 'PUT',
      dispatcher: this.agent,
      body: text,
    });
    const body = (await answer.body.json()) as AnswerBody;
    return { status: answer.statusCode, headers: answer.headers, body };
  }

  /** Every answer is held against the contract. */
  async graph(method: string, path: string, options: Options = {}): Promise<Answer> {
    const url = path.startsWith('https://') ? path : `${this.simulator.urls.graph}/v1.0${path}`;
    const answer = await this.send(method, url, options);
    checkAnswer(method, new URL(url).pathname.replace('/v1.0', ''), answer, options.body);
    return answer;
  }

  tokenRequest(tenantId: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', `${this.simulator.urls.login}/${tenantId}/oauth2/v2.0/token`, {
      body: new URLSearchParams({
        client_id: DEFAULT_PARTNER.clientId,
        client_secret: DEFAULT_PARTNER.clientSecret,
        grant_type: 'client_credentials',
        scope: 'https://graph.microsoft.com/.default',
        ...form,
      }),
    });
  }

  async token(tenantId: string, form: Readonly<Record<string, string>> = {}): Promise<string> {
    const answer = await this.tokenRequest(tenantId, form);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body['access_token'];
  }

  /** Consent by the customer's administrator, then an app-only token. */
  async customerToken(tenantId: string): Promise<string> {
    await this.send(
      'GET',
      `${this.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`,
    );
    return this.token(tenantId);
  }
}

export const PASSWORD = 'Str0ng-enough!';

export function newUser(nickname: string, domain: string): Record<string, unknown> {
  return {
    accountEnabled: true,
    displayName: nickname,
    mailNickname: nickname,
    userPrincipalName: `${nickname}@${domain}`,
    passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: true },
  };
}

export function newGroup(nickname: string): Record<string, unknown> {
  return {
    displayName: nickname,
    mailNickname: nickname,
    mailEnabled: false,
    securityEnabled: true,
  };
}
