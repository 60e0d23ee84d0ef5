/** What the simulator's own tests share: one client over real TLS. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import slice from './contract/graph-openapi-slice.json' with { type: 'json' };
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

type Responses = Readonly<
  Record<string, { content?: { 'application/json'?: { schema: object } } }>
>;
const PATHS = slice.paths as unknown as Readonly<
  Record<string, Readonly<Record<string, { readonly responses?: Responses } | undefined>>>
>;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'graph', components: slice.components });

/** Success must have a status that the contract names and a body of its schema; errors the error frame. */
function checkAnswer(method: string, path: string, answer: Answer): void {
  if (answer.status >= 400) {
    expect(answer.body.error).toMatchObject({
      code: expect.any(String) as string,
      message: expect.any(String) as string,
      innerError: { 'request-id': expect.any(String) as string },
    });
    return;
  }
  const { template } = matchRoute(method, path).operation;
  const responses = PATHS[template]?.[method.toLowerCase()]?.responses;
  // Calls that the slice leaves out have no schema of their own.
  if (!responses) return;
  expect(Object.keys(responses), `${method} ${template}`).toContain(String(answer.status));
  const schema = responses[answer.status]?.content?.['application/json']?.schema;
  if (!schema) return;
  const text = JSON.stringify(schema).replaceAll('"#/components', '"graph#/components');
  const isValid = ajv.validate(JSON.parse(text) as object, answer.body);
  expect(isValid, `${method} ${template}: ${ajv.errorsText(ajv.errors)}`).toBe(true);
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
    checkAnswer(method, new URL(url).pathname.replace('/v1.0', ''), answer);
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
