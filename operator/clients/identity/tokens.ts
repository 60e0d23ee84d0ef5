/** Access tokens: app-only by @azure/identity, app + user by the refresh token of the service user. */
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { transient, wait } from '../../core/errors.ts';
import { expectForm, parseJson, type Transport } from '../http.ts';
import { clientAuthentication } from './client-authentication.ts';
import type { PartnerCredentials } from './credentials.ts';
import { loginError } from './errors.ts';

export interface TokensOptions {
  /** Origin, e.g. https://login.microsoftonline.com */
  readonly loginUrl: string;
  readonly credentials: PartnerCredentials;
  readonly nowMs: () => number;
  readonly transport: Transport;
  /** Workload identity: the projected service account token. */
  readonly federatedTokenFile?: string | undefined;
  /** Called with each new refresh token, so that it is stored before the old one ends. */
  readonly onRefreshToken: (refreshToken: string) => Promise<void>;
  /** Told of every token that is asked for: whether one from before was still good. */
  readonly observe?: (isFromCache: boolean) => void;
}

/** A token is renewed this long before its end: no call starts with one that dies on the way. */
const renewEarlyMs = 5 * 60_000;

/** Login answers within this, or not at all. */
const loginDeadlineMs = 30_000;

/**
 * One credential serves so many tenants: what it finds out of login's addresses holds for all of them. Not more, as it keeps
 * the tokens too, and looks through all of them for each new one (5,000 tenants: 15 ms a login).
 */
const loginsMax = 100;

/** Rotations that a Secret may lag behind. */
const knownMax = 100;

interface Cached {
  readonly token: string;
  readonly expiresAtMs: number;
}

export class Tokens {
  readonly #options: TokensOptions;
  #credential: { readonly value: TokenCredential; logins: number } | undefined;
  readonly #appTokens = new Map<string, Cached>();
  readonly #userTokens = new Map<string, Cached>();
  readonly #pending = new Map<string, Promise<string>>();
  readonly #pendingApp = new Map<string, Promise<string>>();
  #refreshToken: string | undefined;
  /** The one that was given and those that we rotated to since: a Secret may show an older one for a moment. */
  readonly #known = new Set<string>();

  constructor(options: TokensOptions) {
    this.#options = options;
    this.#refreshToken = options.credentials.refreshToken;
    if (this.#refreshToken !== undefined) this.#remember(this.#refreshToken);
  }

  /** The refresh token as the Secret holds it now. One that is not ours was put there by a person: it is used at once. */
  offer(refreshToken: string | undefined): void {
    if (refreshToken !== undefined && this.#known.has(refreshToken)) return;
    if (refreshToken === undefined && this.#refreshToken === undefined) return;
    this.#refreshToken = refreshToken;
    this.#userTokens.clear();
    this.#known.clear();
    if (refreshToken !== undefined) this.#remember(refreshToken);
  }

  get clientId(): string {
    return this.#options.credentials.clientId;
  }

  /** `fresh`: a new token, because an old one keeps its claims after consent. `resource`: origin of the API. */
  async app(
    tenantId: string,
    resource: string,
    signal: AbortSignal,
    fresh = false,
  ): Promise<string> {
    if (fresh) this.forget(tenantId);
    const key = `${tenantId} ${resource}`;
    const cached = this.#goodToken(this.#appTokens, key);
    if (cached !== undefined) return cached;
    // One request at a time, for all who wait for it: none of them may cut it off.
    const pending = this.#pendingApp.get(key) ?? this.#startLogin(tenantId, resource, key);
    return unlessAborted(pending, signal);
  }

  #startLogin(tenantId: string, resource: string, key: string): Promise<string> {
    // Not any more once it was forgotten: then a newer one may have come before it.
    const isCurrent = (): boolean => this.#pendingApp.get(key) === login;
    const login = this.#login(tenantId, resource)
      .then((made) => {
        if (isCurrent()) this.#appTokens.set(key, made);
        return made.token;
      })
      .finally(() => {
        if (isCurrent()) this.#pendingApp.delete(key);
      });
    this.#pendingApp.set(key, login);
    return login;
  }

  async #login(tenantId: string, resource: string): Promise<Cached> {
    const credential = await this.#credentialFor(tenantId);
    const abortSignal = AbortSignal.timeout(loginDeadlineMs);
    try {
      const token = await credential.getToken(`${resource}/.default`, { tenantId, abortSignal });
      if (token !== null) return { token: token.token, expiresAtMs: token.expiresOnTimestamp };
    } catch (error) {
      throw loginError(error instanceof Error ? error.message : String(error), error);
    }
    throw transient("Microsoft's login gave no token", { reason: 'LoginUnavailable' });
  }

  /** `@azure/identity` keeps tokens too, and takes a third of a millisecond to say so: asked for each request that counts. */
  #goodToken(tokens: ReadonlyMap<string, Cached>, key: string): string | undefined {
    const cached = tokens.get(key);
    const isGood =
      cached !== undefined && cached.expiresAtMs - renewEarlyMs > this.#options.nowMs();
    this.#options.observe?.(isGood);
    return isGood ? cached.token : undefined;
  }

  /**
   * Token of the service user (app + user, MFA done). `scope` is the whole one: `https://…/.default` for Graph,
   * `https://…/user_impersonation` for Partner Center. Wait `RefreshTokenMissing` where there is no refresh token.
   */
  async user(tenantId: string, scope: string, signal: AbortSignal): Promise<string> {
    const key = `${tenantId} ${scope}`;
    const cached = this.#goodToken(this.#userTokens, key);
    if (cached !== undefined) return cached;
    // One redemption at a time a key: each may rotate the refresh token.
    const pending = this.#pending.get(key) ?? this.#redeem(tenantId, scope, signal);
    this.#pending.set(key, pending);
    try {
      return await pending;
    } finally {
      this.#pending.delete(key);
    }
  }

  /** After a refused token: the next one is new. */
  forget(tenantId: string): void {
    // It keeps tokens itself.
    this.#credential = undefined;
    for (const tokens of [this.#appTokens, this.#userTokens, this.#pendingApp]) {
      for (const key of tokens.keys()) if (key.startsWith(`${tenantId} `)) tokens.delete(key);
    }
  }

  async #redeem(tenantId: string, scope: string, signal: AbortSignal): Promise<string> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: this.clientId,
      refresh_token: this.#requireRefreshToken(),
      scope,
    });
    const { credentials, federatedTokenFile } = this.#options;
    const tokenUrl = `${this.#options.loginUrl}/${tenantId}/oauth2/v2.0/token`;
    const nowMs = this.#options.nowMs();
    const proof = { credentials, tokenUrl, nowMs, federatedTokenFile };
    for (const [name, value] of Object.entries(await clientAuthentication(proof))) {
      form.set(name, value);
    }
    const response = await this.#options.transport({
      method: 'POST',
      url: tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      signal,
      operation: 'RedeemRefreshToken',
      // The old refresh token stays good beside the new one.
      isSafeToRepeat: true,
    });
    const body = parseJson(response.text);
    if (response.status !== 200) {
      throw loginError(LoginFailure.safeParse(body).data?.error_description ?? '', undefined);
    }
    const answer = expectForm(TokenAnswer, body, "the answer of Microsoft's login");
    await this.#rotate(answer.refresh_token);
    const expiresAtMs = this.#options.nowMs() + Number(answer.expires_in) * 1000;
    this.#userTokens.set(`${tenantId} ${scope}`, { token: answer.access_token, expiresAtMs });
    return answer.access_token;
  }

  async #rotate(refreshToken: string | undefined): Promise<void> {
    if (refreshToken === undefined || refreshToken === this.#refreshToken) return;
    this.#refreshToken = refreshToken;
    this.#remember(refreshToken);
    await this.#options.onRefreshToken(refreshToken);
  }

  #remember(refreshToken: string): void {
    this.#known.delete(refreshToken);
    this.#known.add(refreshToken);
    const [oldest] = this.#known;
    if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest);
  }

  #requireRefreshToken(): string {
    if (this.#refreshToken !== undefined) return this.#refreshToken;
    throw wait(
      'the credentials have no refreshToken: customers, agreements and consent need app + user access',
      {
        reason: 'RefreshTokenMissing',
      },
    );
  }

  async #credentialFor(tenantId: string): Promise<TokenCredential> {
    // A fifth of the program stands behind it: a start asks the API server first, and loads this while that answers.
    const { createCredential } = await import('./credential.ts');
    if (this.#credential === undefined || this.#credential.logins >= loginsMax)
      this.#credential = { value: createCredential(tenantId, this.#options), logins: 0 };
    this.#credential.logins += 1;
    return this.#credential.value;
  }
}

/** The promise goes on for others. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

const TokenAnswer = z.object({
  access_token: z.string(),
  expires_in: z.union([z.string(), z.number()]),
  refresh_token: z.string().optional(),
});

const LoginFailure = z.object({ error_description: z.string() });

const Claims = z.object({
  roles: z.array(z.string()).optional(),
  oid: z.string().optional(),
  amr: z.array(z.string()).optional(),
});

/** What an access token says about its bearer. Read, not verified: it is for us to know what we hold. */
export function claimsOf(token: string): z.infer<typeof Claims> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return Claims.safeParse(parseJson(payload)).data ?? {};
}
