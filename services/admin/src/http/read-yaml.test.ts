import assert from 'node:assert/strict';
import { Problem } from './problem.js';
import { readYaml } from './read-yaml.js';

describe('a body of YAML', () => {
  const emitWarning = process.emitWarning.bind(process);
  const warnings: unknown[] = [];
  before(() => {
    process.emitWarning = (...args: unknown[]): void => void warnings.push(args);
  });
  after(() => {
    process.emitWarning = emitWarning;
  });

  it('that the parser only warns of is read without a word: its warning would put the secret into the log', () => {
    assert.deepEqual(readYaml('clientSecret: !secret hush'), { clientSecret: 'hush' });
    assert.deepEqual(warnings, []);
  });

  it('that cannot be read is a problem that does not repeat it', () => {
    assert.throws(
      () => readYaml('clientSecret: "hush'),
      (error) => error instanceof Problem && error.status === 400 && !JSON.stringify(error).includes('hush'),
    );
  });
});
