import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fuzzRuns, fuzzTimeout } from '@muster/test-support';
import { CliError } from './cli-error.js';
import { readSettings } from './read-settings.js';

const SECRET = 'hush-hush-secret';
const ENV = { CONTOSO_SECRET: `${SECRET}: {a: [1}`, EMPTY: '' };
const GOOD = [
  'integrations:',
  '  - name: Contoso',
  '    clientSecret: ${CONTOSO_SECRET}',
  `    other: "${SECRET}"`,
  '    groupId: null',
  '',
].join('\n');

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    ...['\n', '\t', ': ', '- ', '? ', '{', '}', '[', ']', '"', "'", '|\n', '>\n', '#', '---\n', '...\n', '%YAML 9.9\n'],
    ...['&a ', '*a', '&a [*a]', '<<: *a', '!!binary aGk=', '!!set {x}', '!!int x', '!secret ', '__proto__: 1\n', '\0'],
    ...['${CONTOSO_SECRET}', '${MISSING}', '${EMPTY}', '$${', '${', SECRET, '0x1', '9'.repeat(400), '.inf', '.nan'],
  ),
);
/** A good file in which something was put somewhere, and files of pieces alone. */
const file = fc.oneof(
  fc
    .tuple(fc.nat(GOOD.length), fc.nat(8), fc.array(piece, { minLength: 1, maxLength: 4 }))
    .map(([at, gone, pieces]) => GOOD.slice(0, at) + pieces.join('') + GOOD.slice(at + gone)),
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.constantFrom('a: &a\n  b: *a', 'a: !!omap [x]', 'a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b,*b,*b,*b,*b]'),
);

/** Sent as it is, or told in one line without a secret. */
function judge(text: string): void {
  try {
    const settings = readSettings(text, ENV);
    assert.equal(Object.prototype.toString.call(JSON.parse(JSON.stringify(settings))), '[object Object]');
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    assert.ok(!error.message.includes(SECRET) && !error.message.includes('\n'), error.message);
  }
}

describe('a setup file, whatever it holds', () => {
  it('is settings that can be sent, or one line that says what is wrong and repeats no secret; nothing is warned of', function () {
    this.timeout(fuzzTimeout(20_000));
    const emitWarning = process.emitWarning.bind(process);
    const warnings: unknown[] = [];
    process.emitWarning = (...args: unknown[]): void => void warnings.push(args);
    try {
      fc.assert(
        fc.property(file, (text) => {
          judge(text);
          assert.deepEqual(warnings.splice(0), []);
        }),
        fuzzRuns(1_000),
      );
    } finally {
      process.emitWarning = emitWarning;
    }
  });

  it('may lie as deep as it likes', () => {
    for (const text of [
      '['.repeat(5_000),
      '{a: '.repeat(5_000),
      `${'- '.repeat(5_000)}a`,
      `${'['.repeat(900)}${']'.repeat(900)}`,
    ])
      judge(text);
    judge(`a: ${'['.repeat(900)}${']'.repeat(900)}`);
  });

  it('has its variables filled in, and only there where it says so', function () {
    this.timeout(fuzzTimeout(20_000));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }), (value, plain) => {
        const text = JSON.stringify({ plain, secret: 'x ${V} y', doubled: '$${V}' });
        fc.pre(value !== '' && !JSON.stringify(plain).includes('$'));
        const expected = {
          plain: JSON.parse(JSON.stringify(plain)) as unknown,
          secret: `x ${value} y`,
          doubled: '${V}',
        };
        assert.deepEqual(readSettings(text, { V: value }), expected);
      }),
      fuzzRuns(300),
    );
  });
});
