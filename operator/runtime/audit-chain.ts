/** The chain of an audit log: every line holds the hash of the line before, and its own. Pure. */
import { hash } from 'node:crypto';

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
  const own = hashOf(body);
  return { line: `${body.slice(0, -1)},"hash":"${own}"}`, hash: own };
}

const hashSuffix = /,"hash":"([0-9a-f]{64})"\}$/;

/** `foreign`: not a line of an audit log. `altered`: it was one. */
export function linkOf(line: string): Link | 'foreign' | 'altered' {
  const match = hashSuffix.exec(line);
  const own = match?.[1];
  if (match === null || own === undefined) return 'foreign';
  const body = `${line.slice(0, match.index)}}`;
  if (hashOf(body) !== own) return 'altered';
  const { previousHash, time } = JSON.parse(body) as { previousHash: unknown; time: unknown };
  return { hash: own, previousHash, time };
}

function hashOf(body: string): string {
  return hash('sha256', body);
}
