import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import type { UserDocument } from '@muster/contracts';
import { createResources, patiently, testServers } from '@muster/test-support';
import { connectStore, type Store } from '../src/index.js';
import { at, changeOf, idOf, insert, silent, update, user } from './fixtures.js';

describe('updates that know what they change, in MongoDB', () => {
  const resources = createResources('projected', testServers().mongodbUri);
  let store: Store;
  /** Rows as they are stored. */
  let raw: mongoose.Connection;
  before(async () => {
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger: silent }));
    raw = await mongoose.createConnection(resources.mongodbUri).asPromise();
  });
  after(async () => {
    await raw.close();
    await store.close();
    await resources.remove();
  });
  const rawOf = (id: string) => raw.collection<{ _id: string; [field: string]: unknown }>('users').findOne({ _id: id });
  const found = async (search: string) =>
    (await store.users.page({ tenantId: mine, search }, { limit: 9 })).items.map(({ userId }) => userId);
  const mine = randomUUID();
  const known = (document: UserDocument, fields: Partial<UserDocument>) => {
    const one = update(document, fields);
    return { ...one, base: { ...one.base, document } };
  };

  it('write those fields, so that the document is the same as if all were written, and search finds it by the new', async () => {
    const document = user({ tenantId: mine });
    const id = idOf(document);
    await store.users.write([insert(document)]);
    // Seen only by a write of all fields: a field that differs in secret from what the base says.
    await raw.collection<{ _id: string }>('users').updateOne({ _id: id }, { $set: { jobTitle: 'kept' } });
    const moved = known(document, { department: 'Sales', observedAt: at(2) });
    assert.deepEqual(await store.users.write([moved]), { refused: [] });
    assert.deepEqual(await store.users.get(id), { ...moved.document, jobTitle: 'kept' });
    assert.deepEqual(await found('anna'), [document.userId]);
    await store.users.write([known(moved.document, { displayName: 'Zoe Hill' })]);
    assert.deepEqual([await found('hill'), await found('zoe')], [[document.userId], [document.userId]]);
  });

  it('keep the change that waits without its document, and tell it whole, of rows of before too', async () => {
    const document = user({ tenantId: mine });
    const id = idOf(document);
    await store.users.write([insert(document)]);
    const row = await rawOf(id);
    assert.ok(row?.pending && !JSON.stringify(row.pending).includes(document.userPrincipalName ?? '?'));
    const isMine = (one: { id: string }) => one.id === id;
    const whole = { id, pending: changeOf(document) };
    assert.deepEqual((await store.users.leftovers(1_000)).filter(isMine), [whole]);
    await raw.collection<{ _id: string }>('users').updateOne({ _id: id }, { $set: { pending: changeOf(document) } });
    assert.deepEqual((await store.users.leftovers(1_000)).filter(isMine), [whole]);
    assert.deepEqual((await store.users.load([id])).get(id)?.pending, whole.pending);
  });

  it('refuse a touch while a change waits, again since a crash, too: told once more it says the same', async () => {
    const document = user({ tenantId: mine });
    const id = idOf(document);
    await store.users.write([insert(document)]);
    const waiting = await rawOf(id);
    await store.users.published([{ id, revision: 1 }]);
    const { version = null } = (await store.users.load([id])).get(id) ?? {};
    const touch = { kind: 'touch', id, base: { revision: 1, version }, observedAt: at(9) } as const;
    // A crash of the database takes back that it was cleared, which need not have been on the disk.
    assert.ok(waiting);
    const { pending, pendingAt } = waiting;
    await raw.collection<{ _id: string }>('users').updateOne({ _id: id }, { $set: { pending, pendingAt } });
    assert.deepEqual(await store.users.write([touch]), { refused: [id] });
    assert.deepEqual((await store.users.load([id])).get(id)?.pending, changeOf(document));
    await store.users.published([{ id, revision: 1 }]);
    assert.deepEqual(await store.users.write([touch]), { refused: [] });
  });
});
