import { defineConfig } from 'vitest/config';

/** Units run beside each other; what starts a control plane, a directory or an operator runs alone. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['operator/**/*.test.ts', 'hack/**/*.test.ts'],
          exclude: ['hack/integration/**', 'node_modules/**'],
          testTimeout: 20_000,
        },
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
