import { describe, expect, it } from 'vitest';
import {
  connection,
  ids,
  readyCondition,
  tenant,
  withConditions,
} from '../../../hack/testing/build.ts';
import { contoso } from '../../../hack/testing/fake-graph.ts';
import { noMassChanges } from '../../../hack/testing/observed.ts';
import { transient } from '../../core/errors.ts';
import { requiredPermissions } from '../../core/permissions.ts';
import { annotations } from '../../core/plan.ts';
import type { Deps } from '../access.ts';
import { TenantRemote } from './remote.ts';

const { signal } = new AbortController();
const pollMs = 60_000;
const asked = { ...contoso, displayName: 'as asked for alone' };
const ready = (type: string, reason?: string) => ({ ...readyCondition(reason), type });
const partner = withConditions(connection(), [readyCondition()]);
const atWork = withConditions(
  tenant({
    spec: { connect: { tenantId: ids.tenant } },
    status: { tenantId: ids.tenant, initialDomain: 'contoso.onmicrosoft.com' },
  }),
  [ready('CustomerReady'), ready('AccessReady')],
);

/** A process that has just begun. `readMs`: when the directory was read as a whole; 0: not yet. */
function world({ readMs = 0, failure }: { readMs?: number; failure?: Error } = {}) {
  const clock = { nowMs: Date.now() };
  const requests: string[] = [];
  const view = {
    lastFullReadMs: readMs === 0 ? 0 : clock.nowMs - readMs,
    organization: readMs === 0 ? undefined : contoso,
    userCount: 0,
    users: () => [],
    refresh: () => Promise.resolve(),
    refreshIfOlder: () => {
      if (failure !== undefined) return Promise.reject(failure);
      if (view.lastFullReadMs > 0) return Promise.resolve();
      view.lastFullReadMs = clock.nowMs;
      view.organization = contoso;
      return Promise.resolve();
    },
    invalidate: () => undefined,
  };
  const graph = {
    permissions: () => Promise.resolve(Object.keys(requiredPermissions)),
    getOrganization: () => {
      requests.push('organization');
      return Promise.resolve(asked);
    },
  };
  const outsideChanges = { watch: () => undefined, read: () => Promise.resolve(), of: () => [] };
  const clients = {
    graph: () => graph,
    directory: () => view,
    outsideChanges: () => outsideChanges,
    partnerCenter: { getCustomer: () => Promise.resolve({ id: ids.tenant }) },
    delegation: { listRelationships: () => Promise.resolve([]) },
  };
  const remote = new TenantRemote({
    cluster: {
      get: () => partner,
      list: () => [],
      referencing: () => [],
      readSecret: () => Promise.resolve({}),
    },
    clientsFor: () => ({ clients }),
    nowMs: () => clock.nowMs,
    pollMs,
    massChanges: { countsOf: () => noMassChanges, windowOf: () => undefined },
  } as unknown as Deps);
  return { remote, requests };
}

const requested = {
  ...atWork,
  metadata: { ...atWork.metadata, annotations: { [annotations.reconcileRequestedAt]: 'now' } },
};
const without = withConditions(atWork, [ready('CustomerReady')]);
const down = transient('no answer', { reason: 'ConnectionFailed' });

describe('the organization, at the first look of a process', () => {
  it.each([
    ['comes with the directory that was read ahead', { readMs: 1_000 }, atWork, contoso],
    ['comes with the directory that is read for it', {}, atWork, contoso],
    ['is asked for where it was read half a poll ago', { readMs: 31_000 }, atWork, asked],
    ['is asked for where a person wants a look', { readMs: 1_000 }, requested, asked],
    ['is asked for where the operator was not at work before', { readMs: 1_000 }, without, asked],
  ])('%s', async (_, setting, resource, organization) => {
    const { remote } = world(setting);
    expect((await remote.observe(resource, signal)).organization).toBe(organization);
  });

  it('is asked for where the directory cannot be read, whose failure the look tells', async () => {
    const { remote, requests } = world({ failure: down });
    await expect(remote.observe(atWork, signal)).rejects.toBe(down);
    expect(requests).toEqual(['organization']);
  });

  it('is asked for at every later look that reads it', async () => {
    const { remote } = world({ readMs: 1_000 });
    await remote.observe(atWork, signal);
    remote.forget(atWork);
    expect((await remote.observe(atWork, signal)).organization).toBe(asked);
  });

  it('is not waited for by who stops', async () => {
    const stopping = AbortSignal.abort(new Error('stopping'));
    const { remote, requests } = world({ failure: down });
    await expect(remote.observe(atWork, stopping)).rejects.toThrow('stopping');
    expect(requests).toEqual([]);
  });
});
