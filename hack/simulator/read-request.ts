/** A message from the network as the services see it. */
import type { IncomingMessage } from 'node:http';
import type { Role } from './server.ts';
import type { Tokens } from './tokens.ts';
import type { ApiRequest } from './world.ts';

const AUDIENCES: Readonly<Record<'graph' | 'partnerCenter', readonly string[]>> = {
  graph: ['https://graph.microsoft.com'],
  partnerCenter: ['https://api.partnercenter.microsoft.com', 'https://api.partner.microsoft.com'],
};
/** Graph refuses bodies beyond 4 MB. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** A saved world; about the longest text that there can be. */
const WORLD_BYTES_MAX = 500 * 1024 * 1024;

export async function readRequest(
  tokens: Tokens,
  role: Role,
  message: IncomingMessage,
  host: string,
): Promise<ApiRequest> {
  const url = new URL(message.url ?? '/', `https://${host}`);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const { pathname: path, searchParams: query } = url;
  const isWorld = role === 'control' && path === '/world';
  const text = await readBody(message, isWorld ? WORLD_BYTES_MAX : BODY_BYTES_MAX);
  const contentType = headers['content-type'] ?? '';
  return {
    origin: `https://${host}`,
    method: message.method ?? 'GET',
    path,
    query,
    headers,
    body: role === 'control' ? controlBody(path, text) : parseBody(text, contentType),
    ...(await callerOf(tokens, role, headers['authorization'])),
  };
}

async function callerOf(
  tokens: Tokens,
  role: Role,
  authorization: string | undefined,
): Promise<Pick<ApiRequest, 'caller' | 'tokenError'>> {
  if (role !== 'graph' && role !== 'partnerCenter') return { caller: undefined };
  const verified = await tokens.verify(authorization, AUDIENCES[role]);
  if ('caller' in verified) return verified;
  return { caller: undefined, tokenError: verified.error };
}

/** Elsewhere the control port takes JSON whatever it is called: `curl -d` calls everything a form. */
function controlBody(path: string, text: string): unknown {
  if (path === '/world') return text;
  if (path.startsWith('/page/')) return new URLSearchParams(text);
  return parseBody(text, 'application/json');
}

async function readBody(message: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    // Too much is read to its end and then refused as unreadable.
    if (bytes <= bytesMax) chunks.push(buffer);
  }
  return bytes > bytesMax ? '{' : Buffer.concat(chunks).toString('utf8');
}

/** A body that says it is JSON and is not, reaches the service as this; the services answer 400. */
const UNPARSABLE_BODY = Symbol('unparsable body');

function parseBody(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  if (contentType.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams(text);
  try {
    return JSON.parse(text);
  } catch {
    return UNPARSABLE_BODY;
  }
}
