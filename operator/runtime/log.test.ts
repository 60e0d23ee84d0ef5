import { execFile } from 'node:child_process';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog, redact } from './log.ts';

function capture(): { readonly stream: Writable; readonly lines: () => Record<string, unknown>[] } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const lines = () =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { stream, lines };
}

describe('the log', () => {
  it.each([
    'password',
    'bindPassword',
    'clientSecret',
    'refreshToken',
    'access_token',
    'Authorization',
    'unicodePwd',
    'private-key',
    'clientCertificate',
  ])('redacts %s at any depth, also in fields of a child', (name) => {
    const { stream, lines } = capture();
    const log = createLog('debug', stream);
    log.info({ a: [{ b: { [name]: 'canary' } }], [name]: 'canary' }, 'x');
    log.child({ [name]: 'canary' }).warn({}, 'y');
    expect(JSON.stringify(lines())).not.toContain('canary');
  });

  it.each(['secretName', 'passwordSecretRef', 'tokenExpiry', 'name', 'seats'])(
    'keeps %s, which is no secret',
    (name) => {
      expect(redact({ [name]: 'kept' })).toEqual({ [name]: 'kept' });
    },
  );

  it('takes of an error what it says and its cause, not what libraries hang on it', () => {
    const cause = Object.assign(new Error('below'), { config: { headers: { x: 'canary' } } });
    const error = Object.assign(new Error('above', { cause }), { response: 'canary' });
    const text = JSON.stringify(redact({ error }));
    expect(text).toContain('above');
    expect(text).toContain('below');
    expect(text).not.toContain('canary');
  });

  it('survives circles, bytes and big numbers', () => {
    const circle: Record<string, unknown> = { bytes: Buffer.from('canary'), big: 10n };
    circle['self'] = circle;
    const text = JSON.stringify(redact(circle));
    expect(text).toContain('[too deep]');
    expect(text).not.toContain('canary');
  });

  it('leaves out what is below its level', () => {
    const { stream, lines } = capture();
    createLog('warn', stream).info({}, 'x');
    createLog('warn', stream).error({ a: 1 }, 'y');
    expect(lines()).toMatchObject([{ level: 'error', a: 1, message: 'y' }]);
  });

  it.each([
    ['has nothing left to do', ''],
    ['exits', 'process.exit(0);'],
    ['fails', 'throw new Error("canary");'],
  ])('writes every line of a process that %s', async (_, end) => {
    // Less than is gathered for one write: a write that a thread has begun may be overtaken by the last one, or end with the process.
    const { stdout } = await linesOf(`for (let n = 0; n < 500; n++) log.info({ n }, 'x'); ${end}`);
    const numbers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
    expect(numbers).toEqual(Array.from({ length: 500 }, (__, n) => n));
  });

  it('writes lines of any length and language whole, and in their order', async () => {
    const { stdout } = await linesOf(`for (let power = 0; power < 20; power++)
      for (const letter of ['a', 'ü', '漢', '😀'])
        log.info({ text: letter.repeat(2 ** power), letter, power }, 'x');`);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { text: string; letter: string; power: number });
    expect(lines).toHaveLength(80);
    for (const [index, { text, letter, power }] of lines.entries()) {
      expect(power).toBe(Math.floor(index / 4));
      expect(text === letter.repeat(2 ** power)).toBe(true);
    }
  });
});

/** What a process wrote whose program is `body`, with a `log`. */
async function linesOf(body: string): Promise<{ readonly stdout: string }> {
  const module = JSON.stringify(new URL('log.ts', import.meta.url).href);
  const program = `import { createLog } from ${module};
    const log = createLog('info');
    ${body}`;
  const options = { maxBuffer: 32 * 1024 * 1024 };
  try {
    return await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program],
      options,
    );
  } catch (failed) {
    return failed as { readonly stdout: string };
  }
}
