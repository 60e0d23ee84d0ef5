/** Child of transport.ts: a TLS server that answers everything with one small object, and does nothing else. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { answer, jobOf } from './child.ts';

export interface ServerJob {
  readonly certificate: string;
  readonly key: string;
  readonly body: string;
}

export interface ServerReady {
  readonly port: number;
}

const { certificate: cert, key, body } = await jobOf<ServerJob>();
const headers = {
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
};
const server = createServer({ cert, key }, (_, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  answer({ port } satisfies ServerReady);
});
