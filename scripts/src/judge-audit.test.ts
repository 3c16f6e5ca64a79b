import assert from 'node:assert/strict';
import { judgeAudit } from './judge-audit.js';

const advisory = (severity: string) => ({
  ...{ module_name: 'some-package', title: 'Prototype pollution', url: 'https://example.org/advisory' },
  ...{ vulnerable_versions: '<1.2.3', severity },
});
const report = (...severities: string[]): string =>
  JSON.stringify({ advisories: Object.fromEntries(severities.map((severity, id) => [id, advisory(severity)])) });

describe('the audit of the dependencies', () => {
  it('passes when nothing is known, fails when something serious is', () => {
    assert.equal(judgeAudit(report(), '').outcome, 'passed');
    assert.equal(judgeAudit(report('low', 'moderate'), '').outcome, 'passed');
    for (const severity of ['high', 'critical']) {
      const { outcome, lines } = judgeAudit(report('low', severity), '');
      assert.equal(outcome, 'failed');
      assert.equal(lines[1], `${severity}: some-package <1.2.3: Prototype pollution https://example.org/advisory`);
    }
  });

  it('says so when there was no list: that proves nothing, so it neither passes nor fails', () => {
    const told = JSON.stringify({ error: { code: 'ERR_PNPM_AUDIT_BAD_RESPONSE', message: 'responded with 404' } });
    for (const [stdout, trouble] of [
      [told, ''],
      ['', 'getaddrinfo ENOTFOUND registry'],
      ['<html>', ''],
    ] as const) {
      const { outcome, lines } = judgeAudit(stdout, trouble);
      assert.equal(outcome, 'skipped');
      assert.match(lines[0] ?? '', /^NOT AUDITED: .*(404|ENOTFOUND|html)/);
    }
  });
});
