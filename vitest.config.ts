import { defineConfig } from 'vitest/config';

/** The process's authorities and connections are of one cloud: what starts one has the process to itself. */
const startsCloud = ['operator/clients/**/*.test.ts', 'operator/kinds/m365-tenant/apply.test.ts'];

/** Units run beside each other; what starts a control plane, a directory or an operator runs alone. */
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
          name: 'integration',
          include: ['hack/integration/**/*.test.ts'],
          globalSetup: ['hack/test/bundle-once.ts'],
          setupFiles: ['hack/integration/every-test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 420_000,
        },
      },
    ],
  },
});
