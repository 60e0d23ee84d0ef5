import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../hack/testing/clock.ts';
import { RecordedLog } from '../../hack/testing/engine.ts';
import { FakeApiServer } from '../../hack/testing/fake-api-server.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { createKubernetes } from './kubernetes.ts';

const kindOf = (kind: string, isParent: boolean) => ({
  group: 'testing',
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  isParent,
});

it('knows parents and namespaces before the many that belong to them have come', async () => {
  const server = new FakeApiServer();
  const { promise: childrenMayCome, resolve: letChildrenCome } = Promise.withResolvers<undefined>();
  server.answer = ({ path }, response) => {
    const list = JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] });
    if (!path.endsWith('/children')) response.end(list);
    else void childrenMayCome.then(() => response.end(list));
  };
  const kubernetes = await createKubernetes({
    kubeconfig: await server.start(),
    kinds: [kindOf('Parent', true), { ...kindOf('Child', false), plural: 'children' }],
    identity: 'one',
    lease: { namespace: 'default', name: 'lease' },
    clock: new FakeClock(),
    log: new RecordedLog(),
    metrics: testMetrics(),
  });
  kubernetes.start();
  await kubernetes.parentsSynced;
  await server.until(() => server.requests.some(({ path }) => path.endsWith('/namespaces')));
  await settle();
  expect(kubernetes.ready()).toBe(false);
  letChildrenCome(undefined);
  await kubernetes.synced;
  await kubernetes.stop();
  await server.stop();
});
