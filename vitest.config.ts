import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where tests stand; both configurations look in the same folders. */
export const folders = ['packages/*/src', 'examples/*/src', 'bench/src', 'scripts', 'test']

const nowhere = ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts']

/** What measures what others feel, or how many calls go through: after all else, one file at a time, and nothing beside it. */
const alone = ['test/hostile/*.test.ts', 'test/discovery/*.test.ts', 'test/orders.test.ts']

/** What both configurations share. */
export const shared: ViteUserConfig = {
  resolve: {
    // Tests run on the sources; what is built is exercised by the examples, the README checks and the benchmarks.
    alias: [
      { find: /^@tenon\/([a-z0-9-]+)\/testing$/, replacement: at('packages/$1/src/testing.ts') },
      { find: /^@tenon\/example-([a-z0-9-]+)$/, replacement: at('examples/$1/src/$1.ts') },
      { find: /^@tenon\/([a-z0-9-]+)$/, replacement: at('packages/$1/src/index.ts') },
    ],
  },
  test: {
    setupFiles: at('test/defects-heard.ts'),
    globalSetup: at('packages/transport-nats/test/global-setup.ts'),
    reporters: ['default', at('scripts/reporter.ts')],
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
}

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: [...nowhere, ...alone],
          // Much of the time tests wait for processes, so that two have room where vitest would run one.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, exclude: nowhere, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
