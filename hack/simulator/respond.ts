/** An answer on the wire, in one of the ways in which a connection can end. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Ending } from './faults/strike.ts';
import type { ApiResponse, World } from './world.ts';

const PIECES = 10;

export interface Reply {
  readonly answer: ApiResponse;
  readonly ending: Ending;
  /** For how long a slow answer drips, in real milliseconds. */
  readonly dripMs: number;
  readonly isHead: boolean;
  /** Below TLS. */
  readonly socket?: Socket | undefined;
}

export async function respond(world: World, response: ServerResponse, reply: Reply): Promise<void> {
  const { answer, ending } = reply;
  if (ending === 'closed') response.socket?.destroy();
  else if (ending === 'reset') reset(response, reply.socket);
  else if (isPieces(answer.body)) stream(world, response, answer, answer.body);
  else {
    const whole = textOf(answer);
    writeHead(world, response, answer, whole);
    const text = reply.isHead ? '' : whole;
    if (ending === 'truncated') truncate(response, text);
    else if (ending === 'slow') await drip(response, text, reply.dripMs);
    else response.end(text);
  }
}

/** All at once: what is written must be of one moment. */
function stream(
  world: World,
  response: ServerResponse,
  answer: ApiResponse,
  pieces: Iterable<string>,
): void {
  const headers = { ...answer.headers, date: dateOf(world.clock.nowMs()) };
  response.writeHead(answer.status, headers);
  for (const piece of pieces) response.write(piece);
  response.end();
}

function isPieces(body: unknown): body is Iterable<string> {
  return typeof body === 'object' && body !== null && 'next' in body && Symbol.iterator in body;
}

function textOf({ status, body }: ApiResponse): string {
  if (body === undefined || status === 204) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function writeHead(
  world: World,
  response: ServerResponse,
  answer: ApiResponse,
  text: string,
): void {
  const headers: Record<string, string> = { ...answer.headers };
  headers['date'] = dateOf(world.clock.nowMs());
  if (text !== '') headers['content-type'] ??= 'application/json; charset=utf-8';
  // A 204 has no Content-Type: a released client fails otherwise (graph.md 17.16).
  if (answer.status !== 204) headers['content-length'] = String(Buffer.byteLength(text));
  response.writeHead(answer.status, headers);
}

let lastDate = { second: -1, text: '' };

/** Written once a second: with thousands of answers it would cost more than most of them. */
function dateOf(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== lastDate.second) lastDate = { second, text: new Date(nowMs).toUTCString() };
  return lastDate.text;
}

function reset(response: ServerResponse, socket: Socket | undefined): void {
  if (socket === undefined) response.socket?.destroy();
  else socket.resetAndDestroy();
}

/** What has no body is cut before its first byte. */
function truncate(response: ServerResponse, text: string): void {
  if (text === '') response.socket?.destroy();
  else response.write(text.slice(0, text.length >> 1), () => response.socket?.destroy());
}

async function drip(response: ServerResponse, text: string, overMs: number): Promise<void> {
  const size = Math.max(1, Math.ceil(text.length / PIECES));
  response.flushHeaders();
  for (let from = 0; from < text.length && !response.destroyed; from += size) {
    await wait(overMs / PIECES);
    response.write(text.slice(from, from + size));
  }
  response.end();
}
