import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'tests/**/*.test.ts',
      'bench/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    // Files share what their process has loaded: loading it anew for each of them takes a fifth of the whole run.
    // So a test leaves nothing behind in a module, in the environment or in the clock.
    isolate: false,
    // Left to itself the runner keeps a core free, which is half of a small machine.
    maxWorkers: '100%',
    // Durability tests start processes and kill them; on two busy cores they need more than the default.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], reporter: ['text', 'json-summary'] },
  },
})
