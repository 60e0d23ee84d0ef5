/** A byte stream as lines of JSON. */
import { StringDecoder } from 'node:string_decoder';

/** etcd takes objects of 1.5 MiB; what is longer than this is no watch event. */
const lineMaxChars = 16 * 1024 * 1024;

export class MalformedLineError extends Error {
  override readonly name = 'MalformedLineError';
}

/** Calls `onChunk` for every chunk that arrives: the sign of life that a watchdog wants. Throws MalformedLineError. */
export async function* jsonLines(
  stream: AsyncIterable<Buffer>,
  onChunk: () => void,
): AsyncGenerator {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    onChunk();
    const parts = decoder.write(chunk).split('\n');
    // Not before the chunk: that would be a copy of all of it.
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    if (rest.length > lineMaxChars) throw new MalformedLineError('a line is too long');
    for (const line of parts) {
      if (line !== '') yield parse(line);
    }
  }
  // A line that the connection cut off is not an event: whoever goes on gets it whole.
}

/**
 * Which fields somebody owns is half of what an object weighs, and only the name of the owner is kept (wire.ts). In a text of
 * JSON no other place reads like this, and where an API server writes it in another order all of it is parsed.
 */
const ownedFields = /"fieldsV1":\{.*?\},"manager":/g;

function parse(line: string): unknown {
  try {
    return JSON.parse(line.replace(ownedFields, '"fieldsV1":{},"manager":'));
  } catch (error) {
    throw new MalformedLineError('a line is not JSON', { cause: error });
  }
}
