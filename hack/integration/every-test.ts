/**
 * Set-up file of the integration tests: after every one, all objects of all clusters obey hack/testing/expect-status.ts,
 * and no simulated cloud has seen what a careful client never does.
 */
import { afterEach } from 'vitest';
import { violationsInLiveClouds } from '../testing/live-clouds.ts';
import { brokenInLiveClusters } from '../testing/live-clusters.ts';

afterEach(async () => {
  const broken = await brokenInLiveClusters();
  if (broken.length > 0)
    throw new Error(`after this test, status breaks rules:\n${broken.join('\n')}`);
  const violations = violationsInLiveClouds();
  if (violations.length > 0)
    throw new Error(`after this test, the clouds saw a careless client:\n${violations.join('\n')}`);
});
