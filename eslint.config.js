import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Each outside system has one adapter; only the adapter knows the library. docs/decisions/0001 */
const LIBRARIES = {
  kafkajs: ['packages/event-log/src/kafka-*.ts'],
  mongoose: ['packages/store/src/mongo-*.ts', 'packages/store/src/connect-mongo.ts'],
  nodemailer: ['services/admin/src/alerts/smtp-mail.ts'],
  marked: ['services/admin/src/web/runbook-page.ts'],
  'node-cron': ['packages/runtime/src/schedule.ts'],
  '@azure/msal-node': ['packages/graph-client/src/msal-*.ts'],
  jose: ['packages/graph-client/src/id-token.ts', 'packages/graph-simulator/src/**/*.ts'],
  uplot: ['services/admin/web/src/parts/chart.tsx'],
  '@tanstack/preact-query': ['services/admin/web/src/api/*.ts', 'services/admin/web/src/main.tsx'],
  '@microsoft/microsoft-graph-client': ['packages/graph-client/src/microsoft-graph.ts'],
};
const libraryPatterns = Object.keys(LIBRARIES).map((name) => ({
  group: [name, `${name}/*`],
  message: `${name} is reached through its port only (see "Fences" in CONTRIBUTING.md).`,
}));
const noServices = {
  regex: '^@muster/service-|(^|/)services/|^(\\.\\./)+(receiver|subscription|projector|reconciler|admin)/',
  message: 'Nothing imports a service.',
};
const noEnvironment = {
  group: ['node:process', 'process'],
  message: 'The environment is read in main.ts only; pass what is needed.',
};
const noSimulator = { group: ['@muster/graph-simulator'], message: 'Product code does not know the simulator.' };
const noTestCode = {
  group: ['@muster/test', '@muster/test-support', '**/test/support/*'],
  message: 'Product code never imports test code.',
};
const fences = [noServices, noTestCode, noEnvironment, noSimulator];
const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.muster/**', 'coverage/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: noEnvironment.message,
        },
        {
          selector: `ImportExpression[source.value=/^(${Object.keys(LIBRARIES).join('|').replaceAll('/', '\\/')})/]`,
          message: 'A library that has an adapter is imported by its adapter, and not on the fly.',
        },
      ],
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      ...restrict(...libraryPatterns, ...fences),
    },
  },
  ...Object.entries(LIBRARIES).map(([name, files]) => ({
    files,
    rules: restrict(...libraryPatterns.filter(({ group }) => group[0] !== name), ...fences),
  })),
  {
    files: ['packages/contracts/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: restrict({ regex: '^(?!zod$|node:crypto$|\\.)', message: 'contracts imports zod and node:crypto only.' }),
  },
  {
    files: ['**/src/**/domain/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: restrict({
      regex: '^(?!@muster/contracts(?:/plural)?$|\\./)',
      message: 'A domain folder is pure: it imports contracts and itself.',
    }),
  },
  {
    files: ['**/main.ts', '**/*.fixture.ts', 'scripts/**/*.ts', 'test/**/*.ts', '**/*.test.ts', 'packages/cli/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off', 'no-console': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts'],
    rules: {
      ...restrict(noServices),
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [] }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What another program answered stays untyped: the test says what it expects of it.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', module: 'writable', console: 'readonly' } },
  },
);
