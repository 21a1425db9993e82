import type { KnipConfig } from 'knip'

export default {
  // A dependency that only a README's example imports is used: `npm run check -- readme` compiles it.
  compilers: { md: (text: string) => (text.match(/^import .*$/gm) ?? []).join('\n') },
  ignoreExportsUsedInFile: true,
  // Aliases are meant; programs that tests start (servers, promtool) are the system's.
  rules: { duplicates: 'off', binaries: 'off' },
  workspaces: {
    '.': {
      entry: ['scripts/run.mjs', 'scripts/check.ts', 'scripts/new-package.ts', 'vitest.slow.config.ts'],
      project: ['scripts/**/*.{ts,mjs}', '*.ts'],
      ignoreDependencies: ['@arethetypeswrong/cli', '@biomejs/biome'],
    },
    'packages/*': { entry: 'README.md', project: ['{src,test}/**/*.ts', 'README.md'] },
    'examples/*': { entry: 'src/{main,step*}.ts', project: 'src/**/*.ts' },
    // What a fork starts is named by a path, which knip cannot follow.
    bench: {
      entry: ['src/main.ts', 'src/harness/child.ts', 'src/load/{serving,loading,calling,brokering,profile}.ts'],
      project: 'src/**/*.ts',
    },
    test: {
      entry: [
        '{conformance,discovery,hostile}/main.ts',
        'discovery/harness/{leaving,isolated}.ts',
        'hostile/victims/{server,client,bystander}.ts',
      ],
      project: '**/*.ts',
    },
  },
} satisfies KnipConfig
