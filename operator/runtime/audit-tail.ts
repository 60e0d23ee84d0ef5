/**
 * Where the chain of an audit log goes on after a restart: behind its last whole line. A process that was killed while
 * it wrote leaves half a line; that is moved aside. A whole line that does not fit its hash is another matter: somebody
 * changed it, and nothing is written behind it.
 */
import { existsSync } from 'node:fs';
import { appendFile, type FileHandle, open } from 'node:fs/promises';
import { genesisHash, linkOf } from './audit-chain.ts';
import type { Log } from './log.ts';

const newline = 0x0a;
const windowBytes = 64 * 1024;

/** The name of the n-th file behind the one that is written to; 0: that one. */
export function rotatedName(path: string, number: number): string {
  return number === 0 ? path : `${path}.${String(number)}`;
}

/** The last hash of the log. Repairs the file at `path`; throws where it is damaged. */
export async function findEnd(path: string, filesMax: number, log: Log): Promise<string> {
  for (let number = 0; number <= filesMax; number++) {
    const name = rotatedName(path, number);
    if (!existsSync(name)) continue;
    const hash = await lastHashOf(name, log);
    if (hash !== undefined) return hash;
  }
  return genesisHash;
}

/** Undefined: there is no line. */
async function lastHashOf(path: string, log: Log): Promise<string | undefined> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const torn = await lastLine(file, size);
    const whole = torn.length === 0 ? size : await setAside(file, path, { torn, size, log });
    const line = await lastLine(file, whole - 1);
    if (whole === 0) return undefined;
    const link = linkOf(line.toString('utf8'));
    if (typeof link === 'object') return link.hash;
  } finally {
    await file.close();
  }
  throw new Error(
    `the last line of the audit log "${path}" is damaged: move the file away and start again`,
  );
}

/** Returns how much of the file is left. */
async function setAside(
  file: FileHandle,
  path: string,
  { torn, size, log }: { readonly torn: Buffer; readonly size: number; readonly log: Log },
): Promise<number> {
  if (typeof linkOf(torn.toString('utf8')) === 'object') {
    // Only its end is missing.
    await file.write('\n', size);
    return size + 1;
  }
  const asidePath = `${path}.torn`;
  await appendFile(asidePath, Buffer.concat([torn, Buffer.from('\n')]), { mode: 0o600 });
  await file.truncate(size - torn.length);
  log.warn(
    { bytes: torn.length, movedTo: asidePath },
    'the last line of the audit log was torn (the process was killed while it wrote): moved aside',
  );
  return size - torn.length;
}

/** What stands before `end`, back to the end of the line before. */
async function lastLine(file: FileHandle, end: number): Promise<Buffer> {
  let found = Buffer.alloc(0);
  for (let to = Math.max(0, end); to > 0; ) {
    const from = Math.max(0, to - windowBytes);
    const chunk = Buffer.alloc(to - from);
    await file.read(chunk, 0, chunk.length, from);
    const start = chunk.lastIndexOf(newline) + 1;
    found = Buffer.concat([chunk.subarray(start), found]);
    if (start > 0) break;
    to = from;
  }
  return found;
}
