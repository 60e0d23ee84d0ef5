/** Structured logs on stdout, one JSON object a line, with secrets taken out at any depth. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { type Clock, systemClock } from './clock.ts';

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const redacted = '[redacted]';

/** Names of fields that never reach a log or an audit line, compared without case, `-` and `_`. */
const secretNames = [
  'password',
  'passwd',
  'secret',
  'token',
  'authorization',
  'cookie',
  'privatekey',
  'clientcertificate',
  'clientassertion',
  'unicodepwd',
  'userpassword',
  'apikey',
  'credentials',
];
/** Their names hold a secret's name, their values only say where one is or when it ends. */
const harmless = /(?:ref|name|namespace|expiry|expiresat|expires|count)$/;

const depthMax = 8;

const gatherMs = 50;
const roomBytes = 64 * 1024;
/** What a unit of UTF-16 takes in UTF-8. */
const bytesOfUnitMax = 3;

/** Names are few, and each is in thousands of lines: what was found out about one is kept. */
const secretsByName = new Map<string, boolean>();
const namesKeptMax = 1000;

function isSecretName(name: string): boolean {
  const known = secretsByName.get(name);
  if (known !== undefined) return known;
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  const isSecret = secretNames.some((secret) => plain.includes(secret)) && !harmless.test(plain);
  if (secretsByName.size < namesKeptMax) secretsByName.set(name, isSecret);
  return isSecret;
}

/** A copy of `value` without the values of secret-named fields. Errors become name, message and stack. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= depthMax) return '[too deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

/** By a loop: each line of the logs goes through here. */
function redactFields(value: object, depth: number): LogFields {
  const safe: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const item = (value as LogFields)[name];
    safe[name] = isSecretName(name) && item !== undefined ? redacted : redact(item, depth + 1);
  }
  return safe;
}

/** Own fields of an error (request, response) are left out: libraries put headers and bodies there. */
function redactError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    messageKey: 'message',
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return redacting(pino(options, destination ?? gathered(systemClock)));
}

/** With `contentMode: 'buffer'` sonic-boom takes bytes, which its types do not say: https://github.com/pinojs/sonic-boom (2026-11). */
interface ByteStream {
  write(bytes: Uint8Array): boolean;
}

/**
 * To stdout: the lines of a moment in one write, because a write costs more than a line. None is lost where the process ends,
 * unless its last turn wrote more than there is room for: what a thread writes then may end with the process.
 */
function gathered({ setTimer }: Pick<Clock, 'setTimer'>): DestinationStream {
  // Bytes, not texts: those would outlive the looks that they tell of, and be old before they are garbage.
  const room = Buffer.allocUnsafe(roomBytes);
  let used = 0;
  const write = (): void => {
    if (used > 0) send(Buffer.from(room.subarray(0, used)));
    used = 0;
  };
  // Before pino's own listeners, which write what they have and end.
  process.on('beforeExit', write).on('exit', write);
  // Not in sync: a reader that stands still must not stop the process.
  const stdout: unknown = pino.destination({ dest: 1, sync: false, contentMode: 'buffer' });
  const send = (bytes: Uint8Array): boolean => (stdout as ByteStream).write(bytes);
  return {
    write: (line) => {
      const mostBytes = line.length * bytesOfUnitMax;
      if (used + mostBytes > roomBytes) write();
      if (mostBytes > roomBytes) send(Buffer.from(line));
      else {
        if (used === 0) setTimer(gatherMs, write);
        used += room.write(line, used);
      }
    },
  };
}

/**
 * Redaction is here and not in pino's formatters: those do not see the fields of children. Children are ours, too: most
 * write one line, and one of pino's costs more than that line.
 */
function redacting(logger: Logger, bound: LogFields = {}): Log {
  const write =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      if (logger.isLevelEnabled(level)) logger[level](redact({ ...bound, ...fields }), message);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => redacting(logger, { ...bound, ...fields }),
  };
}
