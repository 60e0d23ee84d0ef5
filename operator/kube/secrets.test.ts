import { expect, it } from 'vitest';
import { KubeError } from './errors.ts';
import { Secrets } from './secrets.ts';
import type { ApiClient } from './transport.ts';

const signal = new AbortController().signal;

it('a Secret whose change may have been done is read again, though its watch told nothing yet', async () => {
  let reads = 0;
  const request: ApiClient['request'] = (method) => {
    if (method !== 'GET') throw new KubeError('lost', { status: 0, reason: 'Unreachable' });
    reads += 1;
    return Promise.resolve({ metadata: { resourceVersion: '1' }, data: {} } as never);
  };
  const transport = { request } as ApiClient;
  const watches = { version: () => '1', writing: (_: unknown, write: () => unknown) => write() };
  const secrets = new Secrets({ transport, watches: watches as never });

  await secrets.read('default', 'password', signal);
  await secrets.read('default', 'password', signal);
  expect(reads).toBe(1);
  await expect(secrets.patch('default', 'password', { a: 'b' }, signal)).rejects.toThrow('failed');
  await secrets.read('default', 'password', signal);
  expect(reads).toBe(2);
});
