import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Failure, toPersonKey, type DirectoryChange, type DirectoryUser } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, patiently, testServers, toUser } from '@muster/test-support';
import { toUserChangeEvent } from '../src/domain/change-events.js';
import { projectUser } from '../src/domain/project-user.js';
import type { Scope } from '../src/domain/scope.js';
import { writeProjected } from '../src/write-projected.js';

const scope: Scope = {
  tenantId: randomUUID(),
  groupId: null,
  includeGuests: true,
  features: { userSync: true, mfaVerification: true },
  createdAt: '2025-01-01T00:00:00.000Z',
};
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
const idOf = ({ userId }: DirectoryUser): string => toPersonKey(scope.tenantId, userId);

describe('writeProjected on MongoDB', () => {
  let store: Store;
  before(async () => {
    const { mongodbUri } = createResources('write-projected', testServers().mongodbUri);
    store = await patiently(() =>
      connectStore({ uri: mongodbUri, logger: createLogger({ service: 'test', level: 'silent' }) }),
    );
  });
  after(() => store.close());

  const write = (user: DirectoryUser, second: number, publisher: Pick<Publisher, 'publish'>) =>
    writeProjected({
      collection: store.users,
      ids: [idOf(user)],
      publisher,
      now: () => new Date(at(second)),
      decide: (_id, known) => {
        const seen = [{ userId: user.userId, observedAt: at(second), source: 'delta', user }] as const;
        const verdict = projectUser({ known, seen, scope, now: new Date(at(second)) });
        if (verdict.kind !== 'write') return verdict;
        const { document, facts, change, changed } = verdict;
        return { kind: 'write', document, facts, pending: toUserChangeEvent(document, change, changed) };
      },
    });
  const recorder = () => {
    const told: DirectoryChange[] = [];
    const publish: Publisher['publish'] = (events) => {
      told.push(...events.map(({ value }) => value as DirectoryChange));
      return Promise.resolve();
    };
    return { told, publish };
  };

  it('leaves no gap on the feed when many copies write one person at a time', async () => {
    const user = toUser();
    const feed = recorder();
    const writers = Array.from({ length: 6 }, (_, index) =>
      write({ ...user, displayName: `Name ${index}` }, index + 1, feed),
    );
    await Promise.all(writers);
    const document = await store.users.get(idOf(user));
    assert.equal(document?.displayName, 'Name 5', 'the newest observation wins');
    const told = [...new Set(feed.told.map(({ id }) => id))];
    assert.deepEqual(
      told.sort(),
      Array.from({ length: document.revision }, (_, index) => `users/${idOf(user)}/${index + 1}`),
    );
    assert.deepEqual(await store.users.leftovers(10), []);
  });

  it('publishes a change that could not be told before the next one of the same document', async () => {
    const user = toUser();
    const away: Pick<Publisher, 'publish'> = {
      publish: () => Promise.reject(new Failure('log.unavailable', 'Kafka is away', { retryable: true })),
    };
    await assert.rejects(write(user, 1, away), /Kafka is away/);
    const feed = recorder();
    await write({ ...user, displayName: 'Later' }, 2, feed);
    assert.deepEqual(
      feed.told.map(({ type, data }) => `${type} ${data.revision}`),
      ['muster.user.created 1', 'muster.user.updated 2'],
    );
    assert.deepEqual(await store.users.leftovers(10), []);
  });

  it('goes on behind the revisions that the feed told of a document that was lost', async () => {
    const user = toUser();
    const keptOf = (collection: 'users' | 'mfa', revision: number) => ({
      id: `${collection}/${idOf(user)}/${revision}`,
      tenantId: scope.tenantId,
      userId: user.userId,
      type: collection === 'users' ? ('muster.user.updated' as const) : ('muster.mfa.changed' as const),
      revision,
      changed: {},
      observedAt: at(1),
      changedAt: at(1),
      feedAt: at(1),
      keepUntil: new Date(Date.now() + 60_000).toISOString(),
    });
    await store.changes.keep([
      ...Array.from({ length: 11 }, (_, index) => keptOf('users', index + 1)),
      keptOf('mfa', 30),
    ]);
    const feed = recorder();
    await write(user, 5, feed);
    await write({ ...user, displayName: 'Next' }, 6, feed);
    assert.deepEqual(
      feed.told.map(({ id, data }) => [id, data.revision, data.document.revision]),
      [12, 13].map((revision) => [`users/${idOf(user)}/${revision}`, revision, revision]),
    );
    assert.equal((await store.users.get(idOf(user)))?.revision, 13);
  });
});
