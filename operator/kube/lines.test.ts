import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { jsonLines, MalformedLineError } from './lines.ts';

async function read(chunks: readonly Buffer[]): Promise<{ lines: unknown[]; chunks: number }> {
  const lines: unknown[] = [];
  let seen = 0;
  const onChunk = (): void => {
    seen += 1;
  };
  for await (const line of jsonLines(Readable.from(chunks), onChunk)) lines.push(line);
  return { lines, chunks: seen };
}

const text = Buffer.from('{"a":"zoë"}\n\n{"b":2}\n{"c":');

describe('jsonLines', () => {
  it.each([1, 2, 3, 7, 100])('gives whole lines from chunks of %i bytes', async (size) => {
    const count = Math.ceil(text.length / size);
    const chunks = Array.from({ length: count }, (_, i) => text.subarray(i * size, (i + 1) * size));
    expect(await read(chunks)).toEqual({ lines: [{ a: 'zoë' }, { b: 2 }], chunks: count });
  });

  it('leaves out which fields are owned, and nothing else', async () => {
    const owner = (manager: string) => ({
      apiVersion: 'v1',
      fieldsV1: { 'f:spec': { 'f:manager': {}, 'k:{"type":"},"manager":"}': { '.': {} } } },
      manager,
      operation: 'Update',
    });
    const text = '"fieldsV1":{"f:a":{}},"manager":"x"';
    const object = {
      annotations: { text, fieldsV1: '{' },
      managedFields: [owner('a'), owner('b')],
    };
    const { lines } = await read([Buffer.from(`${JSON.stringify(object)}\n`)]);
    const trimmed = [owner('a'), owner('b')].map((one) => ({ ...one, fieldsV1: {} }));
    expect(lines).toEqual([{ ...object, managedFields: trimmed }]);
  });

  it('keeps them where they come in another order', async () => {
    const object = { managedFields: [{ manager: 'a', fieldsV1: { 'f:spec': {} } }] };
    const { lines } = await read([Buffer.from(`${JSON.stringify(object)}\n`)]);
    expect(lines).toEqual([object]);
  });

  it('throws where a line is not JSON', async () => {
    await expect(read([Buffer.from('{"a":1}\n{nonsense\n')])).rejects.toThrow(MalformedLineError);
  });

  it('holds no more of a line than an object can have', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const endless = Array.from({ length: 18 }, () => megabyte);
    await expect(read(endless)).rejects.toThrow('too long');
  });
});
