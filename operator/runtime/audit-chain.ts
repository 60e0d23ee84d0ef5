/** The chain of an audit log: every line holds the hash of the line before, and its own. Pure. */
import { createHash } from 'node:crypto';

/** `previousHash` of the first line of a log. */
export const genesisHash = '0'.repeat(64);

export interface Link {
  readonly hash: string;
  readonly previousHash: unknown;
  readonly time: unknown;
}

/** `fields` hold `previousHash`. The line comes without its end. */
export function chained(fields: unknown): { readonly line: string; readonly hash: string } {
  const body = JSON.stringify(fields);
  const hash = hashOf(body);
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, hash };
}

const hashSuffix = /,"hash":"([0-9a-f]{64})"\}$/;

/** `foreign`: not a line of an audit log. `altered`: it was one. */
export function linkOf(line: string): Link | 'foreign' | 'altered' {
  const match = hashSuffix.exec(line);
  const hash = match?.[1];
  if (match === null || hash === undefined) return 'foreign';
  const body = `${line.slice(0, match.index)}}`;
  if (hashOf(body) !== hash) return 'altered';
  const { previousHash, time } = JSON.parse(body) as { previousHash: unknown; time: unknown };
  return { hash, previousHash, time };
}

function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
