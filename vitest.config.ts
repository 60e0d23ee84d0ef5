import { defineConfig } from 'vitest/config';

/** The process's authorities and connections are of one cloud: what starts one has the process to itself. */
const startsCloud = ['operator/clients/**/*.test.ts', 'operator/kinds/m365-tenant/apply.test.ts'];

/** They promise seconds that a machine keeps which does nothing else. */
const timed = ['hack/integration/demo.test.ts', 'hack/integration/faults-leader.test.ts'];

const onStage = {
  globalSetup: ['hack/test/made-once.ts'],
  setupFiles: ['hack/integration/every-test.ts'],
  testTimeout: 120_000,
  hookTimeout: 420_000,
};

/**
 * Units run beside each other. What starts a control plane, a directory or an operator waits more than it works: two
 * such files run beside each other, each with addresses and ports of its own; after them, alone, those that are timed.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['operator/**/*.test.ts', 'hack/**/*.test.ts'],
          exclude: ['hack/integration/**', 'node_modules/**', ...startsCloud],
          // Modules are loaded once for all files of a worker: nothing here keeps anything in them.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: { name: 'clients', include: startsCloud, testTimeout: 20_000 },
      },
      {
        test: {
          ...onStage,
          name: 'integration',
          include: ['hack/integration/**/*.test.ts'],
          exclude: timed,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...onStage,
          name: 'integration-timed',
          include: timed,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
