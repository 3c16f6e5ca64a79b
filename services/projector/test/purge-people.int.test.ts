import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toPersonKey, type DirectoryChange, type MfaDocument, type UserDocument } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, patiently, testServers, toMfaRow, toUserDocument } from '@muster/test-support';
import { toMfaChangeEvent, toUserChangeEvent } from '../src/domain/change-events.js';
import { createPurge } from '../src/purge-people.js';

const DAY_MS = 86_400_000;
const begin = Date.UTC(2026, 0, 1);
const day = (days: number): Date => new Date(begin + days * DAY_MS);
const logger = createLogger({ service: 'test', level: 'silent' });

describe('purging people on MongoDB', () => {
  let store: Store;
  before(async () => {
    const { mongodbUri } = createResources('purge', testServers().mongodbUri);
    store = await patiently(() => connectStore({ uri: mongodbUri, logger, now: () => day(0) }));
  });
  after(() => store.close());

  it('keeps ids of the gone and the out after 30 days, forgets the gone after 90, and tells each change once', async () => {
    const tenantId = randomUUID();
    const at = day(0).toISOString();
    const people = (['deleted', 'out-of-scope', 'active'] as const).map((status): UserDocument => {
      const isIn = status === 'active';
      const common = { tenantId, status, inGroup: isIn, ssoEnabled: isIn, observedAt: at, changedAt: at };
      return { ...toUserDocument(), ...common };
    });
    const [gone, out, active] = people.map(({ userId }) => toPersonKey(tenantId, userId));
    for (const document of people) {
      const id = toPersonKey(tenantId, document.userId);
      const pending = toUserChangeEvent(document, 'created', []);
      await store.users.write([{ kind: 'insert', id, document, pending }]);
      await store.users.published([{ id, revision: 1 }]);
      const common = { tenantId, state: 'capable', stale: false, revision: 1, observedAt: at, changedAt: at } as const;
      const row: MfaDocument = { ...toMfaRow(document.userId), ...common };
      await store.mfa.write([{ kind: 'insert', id, document: row, pending: toMfaChangeEvent(row, []) }]);
      await store.mfa.published([{ id, revision: 1 }]);
    }
    // Where people are not synced, a stale row is all that there is of who left.
    const [leaver, here] = [toMfaRow(randomUUID()), toMfaRow(randomUUID())];
    for (const one of [leaver, here]) {
      const common = { tenantId, state: 'capable', revision: 1, observedAt: at, changedAt: at } as const;
      const row: MfaDocument = { ...one, ...common, stale: one === leaver };
      const id = toPersonKey(tenantId, one.userId);
      const facts = { rowObservedAt: at };
      await store.mfa.write([{ kind: 'insert', id, document: row, pending: toMfaChangeEvent(row, []), facts }]);
      await store.mfa.published([{ id, revision: 1 }]);
    }
    assert.equal((await store.mfa.countByState(tenantId)).capable, 2, 'who is there');
    const told: DirectoryChange[] = [];
    const publish: Publisher['publish'] = (events) => {
      told.push(...events.map(({ value }) => value as DirectoryChange));
      return Promise.resolve();
    };
    const clock = { now: day(29) };
    const purge = createPurge({
      store: { ...store, integrations: { ...store.integrations, all: () => Promise.resolve([{ tenantId } as never]) } },
      publisher: { publish },
      purgeAfterMs: 30 * DAY_MS,
      dropAfterMs: 90 * DAY_MS,
      holder: 'test',
      logger,
      now: () => clock.now,
    });
    const nameOf = async (id = '') => (await store.users.get(id))?.displayName;
    await purge();
    assert.deepEqual([await nameOf(gone), told.length], ['Anna', 0]);

    clock.now = day(31);
    await purge();
    await purge();
    assert.deepEqual([await nameOf(gone), await nameOf(out), await nameOf(active)], [null, null, 'Anna']);
    assert.deepEqual((await store.mfa.get(out ?? ''))?.methodsRegistered, []);
    assert.deepEqual((await store.mfa.get(active ?? ''))?.methodsRegistered, ['fido2']);
    const methodsOf = async (userId: string) => (await store.mfa.get(toPersonKey(tenantId, userId)))?.methodsRegistered;
    assert.deepEqual([await methodsOf(leaver.userId), await methodsOf(here.userId)], [[], ['fido2']]);
    const expected = [gone, out].flatMap((id) => [`mfa/${id}/2`, `users/${id}/2`]);
    expected.push(`mfa/${toPersonKey(tenantId, leaver.userId)}/2`);
    assert.deepEqual(told.map(({ id }) => id).toSorted(), expected.toSorted());
    assert.deepEqual(await store.users.leftSince(tenantId, day(30)), [], 'nobody went by that');

    clock.now = day(92);
    await purge();
    assert.deepEqual([await store.users.get(gone ?? ''), await store.mfa.get(gone ?? '')], [null, null]);
    assert.deepEqual([await nameOf(out), await nameOf(active)], [null, 'Anna']);
    assert.equal(told.length, 5);
  });

  it('of a tenant whose integration was removed, keeps ids of everybody after 30 days, and puts them out', async () => {
    const tenantId = randomUUID();
    const at = day(0).toISOString();
    const put = async (userId: string, { isPerson = true } = {}): Promise<string> => {
      const id = toPersonKey(tenantId, userId);
      const document = toUserDocument({ tenantId, userId, observedAt: at, changedAt: at });
      const pending = toUserChangeEvent(document, 'created', []);
      if (isPerson) {
        await store.users.write([{ kind: 'insert', id, document, pending }]);
        await store.users.published([{ id, revision: 1 }]);
      }
      const common = { tenantId, state: 'capable', stale: false, revision: 1, observedAt: at, changedAt: at } as const;
      const row: MfaDocument = { ...toMfaRow(userId), ...common };
      const facts = { rowObservedAt: at };
      await store.mfa.write([{ kind: 'insert', id, document: row, pending: toMfaChangeEvent(row, []), facts }]);
      await store.mfa.published([{ id, revision: 1 }]);
      return id;
    };
    // More than are taken at once, and somebody of whom there is a row alone.
    const people = await Promise.all(Array.from({ length: 205 }, () => put(randomUUID())));
    const alone = await put(randomUUID(), { isPerson: false });
    const settings = { tenantId, state: 'removed', startedAt: at, updatedAt: at };
    const integrations = [settings];
    const told: DirectoryChange[] = [];
    const clock = { now: day(29) };
    const purge = createPurge({
      store: { ...store, integrations: { ...store.integrations, all: () => Promise.resolve(integrations as never) } },
      publisher: {
        publish: (events) => {
          told.push(...events.map(({ value }) => value as DirectoryChange));
          return Promise.resolve();
        },
      },
      ...{ purgeAfterMs: 30 * DAY_MS, dropAfterMs: 90 * DAY_MS, holder: 'test', logger, now: () => clock.now },
    });
    await purge();
    assert.deepEqual(told, []);
    clock.now = day(31);
    integrations.push({ ...settings, state: 'active' });
    await purge();
    assert.deepEqual(told, [], 'a new integration of the tenant goes on with what there is');
    integrations.pop();
    await purge();
    await purge();
    const kinds = told.map(({ type }) => type);
    assert.equal(kinds.filter((type) => type === 'muster.user.left-scope').length, people.length);
    assert.equal(kinds.filter((type) => type === 'muster.mfa.changed').length, people.length + 1);
    assert.equal(kinds.length, 2 * people.length + 1, 'each once');
    const { items } = await store.users.page({ tenantId }, { limit: 500 });
    assert.equal(items.length, people.length);
    for (const { displayName, mail, ssoEnabled, status, mfa } of items)
      assert.deepEqual(
        [displayName, mail, ssoEnabled, status, mfa?.methodsRegistered],
        [null, null, false, 'out-of-scope', []],
      );
    assert.deepEqual((await store.mfa.get(alone))?.methodsRegistered, []);
  });
});
