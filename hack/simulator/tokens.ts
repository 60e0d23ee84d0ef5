/** Access tokens: issued and checked with one RS256 key per run. */
import { errors, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Caller, World } from './world.ts';

export type TokenError = 'missing' | 'malformed' | 'expired' | 'audience';

export interface Claims {
  readonly audience: string;
  readonly tenantId: string;
  readonly appId: string;
  readonly objectId: string;
  readonly appDisplayName: string;
  /** App-only. Absent where nothing was granted (graph.md 1.1). */
  readonly roles?: readonly string[];
  readonly user?: {
    readonly upn: string;
    readonly scopes: readonly string[];
    readonly mfa: boolean;
    readonly roleTemplateIds: readonly string[];
    readonly homeTenantId: string;
  };
}

/** Real seconds: clients judge a token by their own clock, which nobody moves. */
export const TOKEN_LIFETIME_SECONDS = 3599;
const KEY_ID = 'simulator';
/** Verified tokens are remembered, since clients send the same one for an hour. */
const REMEMBERED_MAX = 5_000;

interface Verified {
  readonly caller: Caller;
  readonly expiresMs: number;
}

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>;

export class Tokens {
  private readonly keys: SigningKey;
  private readonly world: World;
  private readonly verified = new Map<string, Promise<Verified>>();
  readonly jwk: JWK;

  private constructor(world: World, keys: SigningKey, jwk: JWK) {
    this.world = world;
    this.keys = keys;
    this.jwk = jwk;
  }

  static async create(world: World): Promise<Tokens> {
    const keys = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(keys.publicKey);
    return new Tokens(world, keys, { ...jwk, kid: KEY_ID, use: 'sig', alg: 'RS256' });
  }

  async issue(claims: Claims): Promise<string> {
    const { user } = claims;
    return new SignJWT({
      tid: claims.tenantId,
      appid: claims.appId,
      oid: claims.objectId,
      sub: claims.objectId,
      app_displayname: claims.appDisplayName,
      idtyp: user ? 'user' : 'app',
      ver: '1.0',
      ...(claims.roles && claims.roles.length > 0 ? { roles: claims.roles } : {}),
      ...(user && {
        upn: user.upn,
        unique_name: user.upn,
        scp: user.scopes.join(' '),
        amr: user.mfa ? ['pwd', 'mfa'] : ['pwd'],
        wids: user.roleTemplateIds,
        home_tid: user.homeTenantId,
      }),
    })
      .setProtectedHeader({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })
      .setAudience(claims.audience)
      .setIssuer(`https://sts.windows.net/${claims.tenantId}/`)
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime(`${TOKEN_LIFETIME_SECONDS}s`)
      .setJti(this.world.random.uuid())
      .sign(this.keys.privateKey);
  }

  /** @param authorization the header as it came */
  async verify(
    authorization: string | undefined,
    audiences: readonly string[],
  ): Promise<{ caller: Caller } | { error: TokenError }> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { error: authorization ? 'malformed' : 'missing' };
    try {
      return checkAudience(await this.callerOf(token), audiences);
    } catch (error) {
      return { error: error instanceof errors.JWTExpired ? 'expired' : 'malformed' };
    }
  }

  private async callerOf(token: string): Promise<Caller> {
    const known = await this.verified.get(token);
    if (known && known.expiresMs > Date.now()) return known.caller;
    if (this.verified.size >= REMEMBERED_MAX) this.verified.clear();
    // Also while it is being verified: clients send a new one with several requests at once.
    const verifying = this.verifyAnew(token);
    this.verified.set(token, verifying);
    return (await verifying).caller;
  }

  private async verifyAnew(token: string): Promise<Verified> {
    const { payload } = await jwtVerify(token, this.keys.publicKey, { algorithms: ['RS256'] });
    return { caller: toCaller(payload), expiresMs: (payload.exp ?? 0) * 1000 };
  }
}

function checkAudience(
  caller: Caller,
  audiences: readonly string[],
): { caller: Caller } | { error: TokenError } {
  return audiences.includes(caller.audience) ? { caller } : { error: 'audience' };
}

function toCaller(payload: Readonly<Record<string, unknown>>): Caller {
  const text = (name: string) => {
    const value = payload[name];
    return typeof value === 'string' ? value : '';
  };
  const list = (name: string) => (payload[name] ?? []) as string[];
  const base = {
    tenantId: text('tid'),
    appId: text('appid'),
    audience: text('aud'),
    roles: list('roles'),
    scopes: text('scp').split(' ').filter(Boolean),
    mfa: list('amr').includes('mfa'),
  };
  if (payload['idtyp'] !== 'user') return { ...base, kind: 'app' };
  return {
    ...base,
    kind: 'user',
    userId: text('oid'),
    userPrincipalName: text('upn'),
    roleTemplateIds: list('wids'),
    homeTenantId: text('home_tid'),
  };
}
