import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Core rules that find mistakes; style is prettier's. */
const mistakes = {
  eqeqeq: ['error', 'always'],
  'no-async-promise-executor': 'error',
  'no-cond-assign': 'error',
  'no-constant-binary-expression': 'error',
  'no-debugger': 'error',
  'no-dupe-else-if': 'error',
  'no-duplicate-case': 'error',
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-irregular-whitespace': 'error',
  'no-loss-of-precision': 'error',
  'no-self-assign': 'error',
  'no-sparse-arrays': 'error',
  'no-template-curly-in-string': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unsafe-finally': 'error',
  'no-unsafe-optional-chaining': 'error',
  'no-useless-assignment': 'error',
  'no-useless-catch': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
}

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Use a named export.',
}

const throughEnv = 'Take time, timers and randomness from Env, so that a test can control them.'

/** What makes two runs differ; only `base/src/env` may touch it. */
const nondeterminism = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
      name,
      message: throughEnv,
    })),
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        { name: 'node:timers', message: throughEnv },
        { name: 'node:timers/promises', message: throughEnv },
        { name: 'node:perf_hooks', importNames: ['performance'], message: throughEnv },
        {
          name: 'node:crypto',
          importNames: ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID'],
          message: throughEnv,
        },
      ],
    },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: throughEnv },
    { object: 'Math', property: 'random', message: throughEnv },
    ...['hrtime', 'uptime'].map((property) => ({ object: 'process', property, message: throughEnv })),
    ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((property) => ({
      object: 'globalThis',
      property,
      message: throughEnv,
    })),
  ],
  'no-restricted-syntax': [
    'error',
    noDefaultExport,
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: throughEnv },
    { selector: 'CallExpression[callee.name="Date"]', message: throughEnv },
  ],
}

const nodeTest = ['after', 'afterEach', 'before', 'beforeEach', 'describe', 'it', 'suite', 'test']

const typescript = {
  ...mistakes,
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/consistent-type-imports': [
    'error',
    { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
  ],
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidOperator: true },
  ],
  '@typescript-eslint/no-floating-promises': [
    'error',
    { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: nodeTest }] },
  ],
  '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
  '@typescript-eslint/no-meaningless-void-operator': 'off',
  // Public entry points check what a JavaScript caller may pass, whatever the types promise.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  '@typescript-eslint/no-unnecessary-type-arguments': 'off',
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  // A method of a promised interface that throws must reject, which `async` without `await` does.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
  '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
}

export default defineConfig(
  globalIgnores([
    ...['**/dist/', '**/node_modules/', 'data/', 'coverage/', 'packages/tikv/src/gen/'],
    // Built apart from the rest, as the other foreign clients are, with a client that is generated then.
    'integration/servers/prismaclient/',
    'integration/servers/.bin/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...typescript, ...nondeterminism, 'no-console': 'error' },
  },
  {
    files: ['packages/base/src/env/**'],
    rules: { ...allOff(nondeterminism), 'no-restricted-syntax': ['error', noDefaultExport] },
  },
  {
    files: ['**/*.test.ts', '**/*.test.*.ts'],
    rules: { ...allOff(nondeterminism), 'no-restricted-syntax': ['error', noDefaultExport] },
  },
  {
    files: ['**/*.test.ts', '**/*.test.*.ts', 'packages/*/src/conformance/**'],
    rules: {
      // Tests assert on values of unknown shape and pass wrong ones on purpose.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['packages/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.base],
    rules: {
      ...mistakes,
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', noDefaultExport],
    },
    languageOptions: { globals: nodeGlobals() },
  },
  { files: ['*.config.js'], rules: { 'no-restricted-syntax': 'off' } },
)

function allOff(rules) {
  return Object.fromEntries(Object.keys(rules).map((name) => [name, 'off']))
}

/** Every global of this Node that is not part of the language. */
function nodeGlobals() {
  return Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']))
}
