const project = {
  // The bench is compiled into it, together with our package.json.
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
      },
    ],
  },
};

/** @type {import('jest').Config} */
export default {
  // Generous: only what hangs is to end, on a machine however busy.
  testTimeout: 300_000,
  maxWorkers: '100%',
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/__tests__/!(integration|e2e)/**/*.test.ts',
        '<rootDir>/__tests__/*.test.ts',
      ],
    },
    {
      ...project,
      displayName: 'engine',
      testMatch: ['<rootDir>/__tests__/{integration,e2e}/**/*.test.ts'],
      // Some suites compare what the whole engine holds, or add handlers that others add, too.
      runner: '<rootDir>/__tests__/engine-runner.mjs',
    },
  ],
};
