import assert from 'node:assert/strict';
import fc from 'fast-check';
import { noticesOf, untoldNotices, type NoticeGroup } from './alert-notices.js';
import type { Alert } from './api-types.js';

const RULES = ['secret-ending', 'quarantine', 'kafka-silent'];
const ABOUT = [null, 'a', 'b'];
const alerts = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...RULES), fc.constantFrom(...ABOUT)), { selector: String })
  .map((pairs) => pairs.map(([rule, integrationId]) => ({ rule, integrationId }) as Alert));
const notices = fc.array(
  fc.record(
    {
      rule: fc.constantFrom(...RULES),
      text: fc.uuid(),
      cure: fc.constant('Do.'),
      level: fc.constant('remark' as const),
    },
    { requiredKeys: ['text', 'cure', 'level'] },
  ),
);
const groups = fc
  .tuple(notices, notices, notices)
  .map((lists) => lists.map((list, at): NoticeGroup => ({ integrationId: ABOUT[at]!, name: '', notices: list })));

describe('what needs somebody, by alert and by notice', () => {
  it('is told once: with its alert or, where none fires for it, alone', () =>
    fc.assert(
      fc.property(alerts, groups, (firing, all) => {
        const told = [
          ...firing.flatMap((alert) => noticesOf(alert, all)),
          ...untoldNotices(firing, all).flatMap((group) => group.notices),
        ];
        const texts = (list: readonly { text: string }[]): string[] => list.map(({ text }) => text).toSorted();
        assert.deepEqual(texts(told), texts(all.flatMap((group) => group.notices)));
      }),
    ));

  it('another integration’s alert hides nothing', () => {
    const notice = { level: 'problem', text: 'Expires.', cure: 'Renew.', rule: 'secret-ending' } as const;
    const group = { integrationId: 'a', name: 'A', notices: [notice] };
    assert.deepEqual(untoldNotices([{ rule: 'secret-ending', integrationId: 'b' } as Alert], [group]), [group]);
    assert.deepEqual(untoldNotices([{ rule: 'secret-ending', integrationId: 'a' } as Alert], [group]), []);
  });
});
