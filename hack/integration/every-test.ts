/** Set-up file of the integration tests: after every one, all objects of all clusters obey hack/testing/expect-status.ts. */
import { afterEach } from 'vitest';
import { brokenInLiveClusters } from '../testing/live-clusters.ts';

afterEach(async () => {
  const broken = await brokenInLiveClusters();
  if (broken.length > 0)
    throw new Error(`after this test, status breaks rules:\n${broken.join('\n')}`);
});
