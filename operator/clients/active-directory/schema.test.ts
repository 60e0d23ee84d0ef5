import { describe, expect, it } from 'vitest';
import { SchemaLookup } from './schema.ts';
import type { Session } from './session.ts';

const { signal } = new AbortController();

/** A forest whose schema has these, as far as the service account may read it. */
function forest(...names: readonly string[]) {
  let requests = 0;
  const session = {
    root: { configurationNamingContext: 'CN=Configuration,DC=corp' },
    search: () => {
      requests += 1;
      return Promise.resolve(names.map((lDAPDisplayName) => ({ dn: 'x', lDAPDisplayName })));
    },
  } as unknown as Session;
  return { session, requests: () => requests };
}

describe('the schema', () => {
  it('is asked again only for what was missing, after ten minutes', async () => {
    let nowMs = 0;
    const schema = new SchemaLookup(() => nowMs);
    const { session, requests } = forest('description', 'mail');
    const ask = () => schema.missing(session, ['Mail', 'mailNickname'], signal);
    expect([await ask(), await ask(), requests()]).toEqual([['mailNickname'], ['mailNickname'], 1]);
    nowMs += 10 * 60_000;
    await ask();
    expect(requests()).toBe(2);
    await schema.missing(session, ['mail'], signal);
    expect(requests()).toBe(2);
  });

  it('that may not be read lacks nothing: the directory itself refuses what it does not have', async () => {
    const schema = new SchemaLookup(() => 0);
    expect(await schema.missing(forest().session, ['mail'], signal)).toEqual([]);
  });
});
