// The suffix says what a test needs: `.test` nothing, `.int.test` real servers, `.e2e.test` the whole system.
const suites = {
  unit: {
    spec: [
      '{packages,services}/*/src/**/*.test.ts',
      'services/admin/web/src/**/*.test.ts',
      'services/*/test/**/*.test.ts',
      'scripts/src/**/*.test.ts',
      'test/{support,src,chaos,bench}/**/*.test.ts',
    ],
    ignore: ['**/*.int.test.ts', '**/*.e2e.test.ts'],
    timeout: 20_000,
    // Not so where servers are shared: one file that fills them makes another wait too long.
    parallel: true,
    jobs: 2,
  },
  int: {
    spec: ['{packages,services,scripts}/**/*.int.test.ts', 'test/interop/**/*.int.test.ts'],
    require: ['test/support/infrastructure.ts'],
    timeout: 60_000,
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
