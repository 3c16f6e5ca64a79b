// The usual report; the counts go to a file as well, so that scripts/test can add up its suites.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

class Counts extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures } = this.stats;
      writeFileSync(process.env.MOCHA_COUNTS_FILE, JSON.stringify({ passed: passes, failed: failures }));
    });
  }
}

module.exports = Counts;
