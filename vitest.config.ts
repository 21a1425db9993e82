import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where tests stand; both configurations look in the same folders. */
export const folders = ['packages/*/src', 'examples/*/src', 'bench/src', 'scripts', 'test']

const config: ViteUserConfig = {
  resolve: {
    // Tests run on the sources; what is built is exercised by the examples, the README checks and the benchmarks.
    alias: [
      { find: /^@tenon\/([a-z0-9-]+)\/testing$/, replacement: at('packages/$1/src/testing.ts') },
      { find: /^@tenon\/example-([a-z0-9-]+)$/, replacement: at('examples/$1/src/$1.ts') },
      { find: /^@tenon\/([a-z0-9-]+)$/, replacement: at('packages/$1/src/index.ts') },
    ],
  },
  test: {
    include: folders.map((folder) => `${folder}/**/*.test.ts`),
    setupFiles: at('test/defects-heard.ts'),
    globalSetup: at('packages/transport-nats/test/global-setup.ts'),
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts'],
    reporters: ['default', at('scripts/reporter.ts')],
    isolate: false,
    // Much of the time tests wait for processes, so that two have room where vitest would run one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
}

export default defineConfig(config)
