import assert from 'node:assert/strict';
import { GraphFault } from '../graph/fault.js';
import { DEFAULT_SETTINGS } from '../settings.js';
import { challengeTime } from './challenge.js';
import { readWanted } from './wanted.js';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const { lifetimes } = DEFAULT_SETTINGS;
const inMinutes = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();
const BODY = {
  changeType: 'updated,deleted',
  notificationUrl: 'https://receiver.example/n?key=1',
  resource: '/users',
  expirationDateTime: inMinutes(60),
  clientState: 's',
};
const read = (change: object) => readWanted({ ...BODY, ...change }, NOW, DEFAULT_SETTINGS);

describe('a wanted subscription', () => {
  it('is taken with its resource without slash and its change types as asked for', () => {
    const { resource, changeType, latestSupportedTlsVersion, expiresAt } = read({});
    assert.deepEqual([resource, changeType, latestSupportedTlsVersion], ['users', 'updated,deleted', 'v1_2']);
    assert.equal(expiresAt, NOW + 60 * MINUTE);
  });

  it('is raised to 45 minutes when it asks for less', () => {
    assert.equal(read({ expirationDateTime: inMinutes(1) }).expiresAt, NOW + 45 * MINUTE);
  });

  it('may live 41,760 minutes, not one more', () => {
    assert.equal(read({ expirationDateTime: inMinutes(41_760) }).expiresAt, NOW + 41_760 * MINUTE);
    const tooLong = () => read({ expirationDateTime: inMinutes(41_761) });
    assert.throws(tooLong, { status: 400, code: 'ExtensionError' });
  });

  const refused: [string, object][] = [
    ['created on users', { changeType: 'created' }],
    ['all three change types', { changeType: 'updated,deleted,created' }],
    ['no change type', { changeType: undefined }],
    ['plain http', { notificationUrl: 'http://receiver.example' }],
    ['a relative address', { notificationUrl: '/n' }],
    ['plain http for lifecycle', { lifecycleNotificationUrl: 'http://receiver.example' }],
    ['no expiry', { expirationDateTime: undefined }],
    ['an expiry that is no time', { expirationDateTime: 'tomorrow' }],
    ['a client state of 129 characters', { clientState: 'x'.repeat(129) }],
    ['an unknown resource', { resource: 'devices' }],
    ['memberOf, which has no notifications', { resource: 'users/1/memberOf' }],
    ['rich notifications', { includeResourceData: true }],
    ['query options', { notificationQueryOptions: '$filter=a' }],
    ['a browser push key', { vapidPublicKey: 'x' }],
    ['an unknown TLS version', { latestSupportedTlsVersion: 'v9' }],
  ];
  for (const [name, change] of refused)
    it(`is refused with 400 for ${name}`, () => {
      assert.throws(
        () => read(change),
        (error: unknown) => error instanceof GraphFault && error.status === 400,
      );
    });
});

describe('the next reauthorizationRequired', () => {
  const dueIn = (minutes: number) =>
    (challengeTime({ expiresAt: NOW + minutes * MINUTE, tokenExpiresAt: NOW + minutes * MINUTE }, NOW, lifetimes) -
      NOW) /
    MINUTE;
  it('is due every 15 minutes when a quarter of the life left is at most an hour', () => {
    assert.deepEqual([60, 120, 240].map(dueIn), [15, 15, 15]);
  });
  it('is due at half of the life left when that quarter is between one and three hours', () => {
    assert.deepEqual([300, 720].map(dueIn), [150, 360]);
  });
  it('waits until 720 minutes are left when there is more', () => {
    assert.equal(dueIn(2_000), 1_280);
  });
});
