import assert from 'node:assert/strict';
import fc from 'fast-check';
import { listCredentials, toActiveCredential, toDaysLeft, toExpiryWarning, WARN_DAYS } from './credential.js';

const DAY = 86_400_000;
const now = new Date('2026-01-01T00:00:00Z');
const endingIn = (days: number) => ({
  slot: 'a' as const,
  hint: '9876',
  expiresAt: new Date(now.getTime() + days * DAY).toISOString(),
  addedAt: '',
});

describe('credentials', () => {
  it('nothing that is sealed is listed', () => {
    const secrets = [{ ...endingIn(1), sealed: 'SEALED' }];
    const certificate = { thumbprintSha256: 'ab'.repeat(32), sealedKey: 'SEALED', expiresAt: '', addedAt: '' };
    const listed = listCredentials({ secrets, certificate });
    assert.deepEqual(
      listed.map(({ slot, hint }) => [slot, hint]),
      [
        ['a', '9876'],
        ['certificate', 'abababab'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(listed), /SEALED/);
    assert.equal(toActiveCredential({ secrets, certificate, activeSlot: 'certificate' })?.slot, 'certificate');
    assert.equal(toActiveCredential({ secrets, certificate, activeSlot: 'b' }), null);
  });

  it('warns at 60, 30, 14, 7 and 1 days, and louder from 7 on', () => {
    const due = (days: number) => toExpiryWarning(endingIn(days), now)?.due ?? null;
    assert.deepEqual([61, 60, 31, 30, 15, 14, 8, 7, 2, 1, 0, -1].map(due), [
      ...[null, 60, 60, 30, 30, 14, 14, 7, 7, 1, 1, 0],
    ]);
    assert.deepEqual(
      [8, 7].map((days) => toExpiryWarning(endingIn(days), now)?.level),
      ['remark', 'problem'],
    );
    assert.match(toExpiryWarning(endingIn(0.5), now)?.text ?? '', /within a day/);
    assert.match(toExpiryWarning(endingIn(-0.1), now)?.text ?? '', /has expired/);
    assert.equal(toExpiryWarning(null, now)?.level, 'problem');
  });

  it('the closer the end, the later the warning that is due', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 90 }), fc.integer({ min: 0, max: 40 }), (days, passed) => {
        const before = toExpiryWarning(endingIn(days), now)?.due ?? Infinity;
        const after = toExpiryWarning(endingIn(days - passed), now)?.due ?? Infinity;
        assert.ok(after <= before);
        assert.ok(before === Infinity || before === 0 || (WARN_DAYS as readonly number[]).includes(before));
      }),
    );
    assert.equal(toDaysLeft('2025-12-31T23:59:59Z', now), -1);
  });
});
