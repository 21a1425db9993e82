import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (name: string): string => fileURLToPath(new URL(`./packages/${name}`, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run on the sources; what is built is exercised by the examples, the README checks and the benchmarks.
    alias: [
      { find: /^@tenon\/([a-z-]+)\/testing$/, replacement: source('$1/src/testing.ts') },
      { find: /^@tenon\/([a-z-]+)$/, replacement: source('$1/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'bench/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts'],
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
