// What takes real time: `npm run test:slow`. One file after the other, because the machine's cores and clock are shared.
import { defineConfig } from 'vitest/config'
import { folders, shared } from './vitest.config.ts'

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: folders.map((folder) => `${folder}/**/*.slow.test.ts`),
    exclude: ['**/node_modules/**', '**/dist/**'],
    fileParallelism: false,
    isolate: true,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
