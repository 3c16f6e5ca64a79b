// The usual report; counts and failures go to a file as well, so that scripts/test can add up its suites.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

const MOST_LINES = 12;

/** What a failure says, and what was behind it. */
const messagesOf = (error) => (error ? [String(error.message ?? ''), ...messagesOf(error.cause)] : []);

class Counts extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures: failed } = this.stats;
      const failures = this.failures.map((test) => {
        const said = messagesOf(test.err)
          .join('\n')
          .split('\n')
          .filter((line) => line.trim() !== '');
        return [test.fullTitle(), ...said.slice(0, MOST_LINES)].join('\n    ');
      });
      writeFileSync(process.env.MOCHA_COUNTS_FILE, JSON.stringify({ passed: passes, failed, failures }));
    });
  }
}

module.exports = Counts;
