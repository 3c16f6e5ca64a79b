// The suffix says what a test needs: `.test` nothing, `.int.test` real servers, `.e2e.test` the whole system.
// Files that wait for servers or compute leave a core free: two at a time. The whole system of an e2e test needs both.
const twoAtATime = { parallel: true, jobs: 2 };
const suites = {
  unit: {
    spec: [
      '{packages,services}/*/src/**/*.test.ts',
      'services/admin/web/src/**/*.test.ts',
      'services/*/test/**/*.test.ts',
      'scripts/src/**/*.test.ts',
      'test/{support,chaos,bench}/**/*.test.ts',
    ],
    ignore: ['**/*.int.test.ts', '**/*.e2e.test.ts'],
    timeout: 20_000,
    ...twoAtATime,
  },
  int: {
    spec: ['{packages,services,scripts}/**/*.int.test.ts', 'test/interop/**/*.int.test.ts'],
    require: ['test/support/infrastructure.ts'],
    timeout: 60_000,
    ...twoAtATime,
  },
  e2e: {
    spec: ['test/**/*.e2e.test.ts'],
    ignore: ['test/faults/**'],
    require: ['test/support/infrastructure.ts'],
    timeout: 180_000,
  },
  // Every row of the fault matrix once: longer than a commit should wait for.
  faults: { spec: ['test/faults/**/*.e2e.test.ts'], require: ['test/support/infrastructure.ts'], timeout: 180_000 },
};
const suite = suites[process.env.SUITE ?? 'unit'];
if (!suite) throw new Error(`SUITE=${process.env.SUITE} is unknown; use one of ${Object.keys(suites).join(', ')}`);
// Files named on the command line replace the suite's own list; mocha would add them to it.
const named = process.argv.some((argument) => argument.endsWith('.test.ts'));
module.exports = {
  ...suite,
  spec: named ? [] : suite.spec,
  ignore: ['**/node_modules/**', '**/dist/**', ...(suite.ignore ?? [])],
  'node-option': ['conditions=@muster/source', 'import=tsx'],
  'fail-zero': true,
  'forbid-only': true,
  'forbid-pending': true,
};
