import assert from 'node:assert/strict';
import { createSteppedClock } from '../clock.js';
import { createFaults, faultPlanSchema } from '../faults.js';
import { DEFAULT_SETTINGS } from '../settings.js';
import type { Subscription } from '../subscriptions/subscription.js';
import { backOff } from './back-off.js';
import type { Item } from './item.js';
import { toItemText } from './item.js';
import { createLedger } from './ledger.js';
import { createOutbox } from './outbox.js';
import type { Posted } from './post.js';

const HOUR = 3_600_000;
const URL = 'https://receiver.example/n';
const SUBSCRIPTION: Subscription = {
  id: 's',
  tenantId: 't',
  applicationId: 'a',
  creatorId: 'c',
  resource: 'users',
  changeType: 'updated',
  clientState: 'state',
  notificationUrl: URL,
  lifecycleNotificationUrl: null,
  latestSupportedTlsVersion: 'v1_2',
  expiresAt: 10 * HOUR,
  tokenExpiresAt: 10 * HOUR,
  challengeAt: 10 * HOUR,
};

const setUp = (faults = {}) => {
  const clock = createSteppedClock(0);
  const ledger = createLedger();
  const posts: { at: number; ids: string[]; timeout: number }[] = [];
  let answer: Posted = { status: 202, contentType: '', body: '' };
  const outbox = createOutbox({
    clock,
    settings: DEFAULT_SETTINGS,
    faults: createFaults(faultPlanSchema.parse(faults)),
    admit: (items) => items,
    post: (_url, { body, timeout }) => {
      const { value } = JSON.parse(body) as { value: { resourceData: { id: string } }[] };
      posts.push({ at: clock.now(), ids: value.map(({ resourceData }) => resourceData.id), timeout });
      return Promise.resolve(answer);
    },
  });
  const change = (id: string): Item => {
    const entry = ledger.open({
      subscriptionId: 's',
      tenantId: 't',
      changedAt: clock.now(),
      entity: 'user',
      entityId: id,
    });
    const item: Item = {
      type: 'change',
      subscription: SUBSCRIPTION,
      entry,
      changedAt: clock.now(),
      version: 7,
      changeType: 'updated',
      kind: 'users',
      id,
      members: [],
    };
    outbox.add(URL, item);
    return item;
  };
  const answers = (posted: Posted) => {
    answer = posted;
  };
  // Steps the clock and lets the promises of the posts that were due settle.
  const pass = async (ms: number, step = ms) => {
    for (let passed = 0; passed < ms; passed += step) {
      clock.advance(step);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  };
  return { change, posts, answers, pass };
};

describe('the outbox', () => {
  it('posts together what happens within the window', async () => {
    const { change, posts, pass } = setUp();
    change('a');
    await pass(20);
    change('b');
    await pass(100);
    change('c');
    await pass(100);
    assert.deepEqual(
      posts.map(({ ids }) => ids),
      [['a', 'b'], ['c']],
    );
    assert.equal(posts[0]!.timeout, 3_000);
  });

  it('tries again within a second after a refusal, then less and less often, with 10 s each', async () => {
    const { change, posts, answers, pass } = setUp();
    answers({ status: 503, contentType: '', body: '' });
    const { entry } = change('a');
    await pass(20_000, 100);
    const gaps = posts.slice(1).map(({ at }, index) => at - posts[index]!.at);
    assert.ok(gaps[0]! <= 1_000);
    assert.ok(gaps.length >= 4 && gaps.every((gap, index) => index === 0 || gap > gaps[index - 1]!), gaps.join());
    assert.ok(posts.slice(1).every(({ timeout }) => timeout === 10_000));
    answers({ status: 200, contentType: '', body: '' });
    await pass(20_000, 100);
    const count = posts.length;
    assert.notEqual(entry.ackedAt, null);
    await pass(HOUR, 60_000);
    assert.equal(posts.length, count, 'an acknowledged notification is not sent again');
  });

  it('gives up after four hours without an answer', async () => {
    const { change, posts, answers, pass } = setUp();
    answers('failed');
    const { entry } = change('a');
    await pass(5 * HOUR, 10_000);
    assert.equal(entry.dropped, 'expired');
    assert.ok(posts.at(-1)!.at <= 4 * HOUR);
  });

  it('loses and doubles what the faults say, the same for the same seed', async () => {
    const run = async () => {
      const { change, posts, pass } = setUp({ seed: 5, dropNotifications: 0.5, duplicateNotifications: 0.5 });
      for (let index = 0; index < 40; index += 1) change(String(index));
      await pass(100);
      return posts.flatMap(({ ids }) => ids);
    };
    const ids = await run();
    assert.deepEqual(ids, await run());
    assert.ok(new Set(ids).size < 40 && ids.length > new Set(ids).size);
  });

  it('waits twice as long each time up to the cap', () => {
    const waits = [1, 2, 3, 20].map((attempts) => backOff(attempts, { base: 500, cap: 300_000, chance: 0 }));
    assert.deepEqual(waits, [500, 1_000, 2_000, 300_000]);
  });

  it('writes sequence numbers whole, above what a double can hold', () => {
    const { change } = setUp();
    assert.match(toItemText(change('a'), DEFAULT_SETTINGS.switches), /"sequenceNumber":621355968000000007\}\}$/);
  });
});
