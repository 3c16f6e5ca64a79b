import assert from 'node:assert/strict';
import { toEntraLink } from './entra-links.js';
import { toExpiryVerdict, toTypedVerdict } from './typed-verdicts.js';

const guid = '44444444-4444-4444-8444-ABCDEFABCDEF';
const now = new Date('2026-01-01T00:00:00Z');

describe('what is said of typed values at once', () => {
  it("the secret's id in place of its value is recognised", () => {
    assert.match(toTypedVerdict({ field: 'clientSecret', value: guid })?.text ?? '', /id, not its value/);
    assert.equal(toTypedVerdict({ field: 'clientSecret', value: 'abc8Q~value' }), null);
  });

  it('ids must look like ids, and each says where to find it', () => {
    for (const field of ['tenantId', 'clientId', 'groupId'] as const) {
      assert.equal(toTypedVerdict({ field, value: guid }), null);
      const verdict = toTypedVerdict({ field, value: 'contoso.com' });
      assert.equal(verdict?.state, 'problem');
      assert.match(verdict.cure ?? '', /^Copy the /);
    }
  });

  it('an expiry under 365 days is remarked on, one that has passed is a problem', () => {
    assert.deepEqual(
      ['2027-01-01T00:00:00Z', '2026-12-31T00:00:00Z', '2025-12-31T00:00:00Z'].map(
        (expiresAt) => toExpiryVerdict(expiresAt, now).state,
      ),
      ['ok', 'remark', 'problem'],
    );
  });

  it('buttons lead to the portal of the cloud, and nowhere where it is not known', () => {
    const clientId = guid.toLowerCase();
    const link = (cloud: 'global' | 'china' | 'custom', id: string | null = clientId) =>
      toEntraLink('open-secrets', { cloud, clientId: id });
    assert.ok(link('global')?.startsWith('https://portal.azure.com/#view/') && link('global')?.endsWith(clientId));
    assert.ok(link('china')?.startsWith('https://portal.azure.cn/'));
    assert.equal(link('custom'), null);
    assert.doesNotMatch(link('global', null) ?? '', /\{app\}/);
    assert.equal(toEntraLink('check-again', { cloud: 'global', clientId }), null);
  });
});
