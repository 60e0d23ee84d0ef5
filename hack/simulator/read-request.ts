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
  // The control port takes JSON whatever it is called: `curl -d` calls everything a form.
  const contentType = role === 'control' ? 'application/json' : (headers['content-type'] ?? '');
  const body = parseBody(await readBody(message), contentType);
  const verified =
    role === 'graph' || role === 'partnerCenter'
      ? await tokens.verify(headers['authorization'], AUDIENCES[role])
      : { error: undefined };
  return {
    origin: `https://${host}`,
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body,
    caller: 'caller' in verified ? verified.caller : undefined,
    ...('caller' in verified ? {} : { tokenError: verified.error }),
  };
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    // Too much is read to its end and then refused as unreadable.
    if (bytes <= BODY_BYTES_MAX) chunks.push(buffer);
  }
  return bytes > BODY_BYTES_MAX ? '{' : Buffer.concat(chunks).toString('utf8');
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
