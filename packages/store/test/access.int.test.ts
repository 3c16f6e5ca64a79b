import assert from 'node:assert/strict';
import { createResources, patiently, testServers } from '@muster/test-support';
import { connectStore, type KeptChange, type SessionRecord, type Store } from '../src/index.js';
import { at, silent } from './fixtures.js';

const TENANT = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const [ADA, BERT] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const;

describe('sessions, audit and history in MongoDB', () => {
  let store: Store;
  before(async () => {
    store = await patiently(() =>
      connectStore({ uri: createResources('access', testServers().mongodbUri).mongodbUri, logger: silent }),
    );
  });
  after(() => store.close());

  const later = new Date(Date.now() + 3_600_000).toISOString();
  const session = (sessionHash: string, userId: string): SessionRecord => ({
    sessionHash,
    subject: { kind: 'person', integrationId: TENANT, tenantId: TENANT, userId },
    createdAt: at(0),
    seenAt: at(0),
    expiresAt: later,
    endsAt: later,
    provedAt: at(0),
  });

  it('all sessions of a person end at once, and a late touch brings none back', async () => {
    const { subject: maker } = session('l1', ADA);
    assert.ok(maker.kind === 'person');
    const ofLink: SessionRecord = { ...session('l1', ADA), subject: { kind: 'setup-link', maker } };
    for (const one of [session('a1', ADA), session('a2', ADA), session('b1', BERT), ofLink])
      await store.sessions.insert(one);
    assert.equal(await store.sessions.removePerson(TENANT, ADA), 3);
    const touch = { seenAt: at(1), expiresAt: new Date(Date.now() + 7_200_000).toISOString(), provedAt: at(1) };
    for (const hash of ['a1', 'b1']) await store.sessions.touch(hash, touch);
    assert.equal(await store.sessions.get('a1'), null);
    assert.deepEqual(await store.sessions.get('b1'), { ...session('b1', BERT), ...touch });
  });

  it('what may be used once is used by one of many', async () => {
    const until = new Date(Date.now() + 60_000);
    const used = await Promise.all(Array.from({ length: 10 }, () => store.once.use('flow/1', until)));
    assert.equal(used.filter(Boolean).length, 1);
  });

  it('the audit is paged newest first and filtered', async () => {
    for (const index of [1, 2, 3, 4])
      await store.audit.insert({
        auditId: `${at(index)} ${index}`,
        at: at(index),
        actor: index === 4 ? 'nobody' : 'key 1',
        action: 'post /x',
        integrationId: index % 2 === 0 ? TENANT : null,
        target: {},
        outcome: 'done',
        status: 200,
        why: null,
        address: null,
      });
    const first = await store.audit.page({ limit: 2 });
    assert.deepEqual(
      first.map(({ at: when }) => when),
      [at(4), at(3)],
    );
    const next = await store.audit.page({ limit: 2, before: first[1]!.auditId });
    assert.deepEqual(
      next.map(({ at: when }) => when),
      [at(2), at(1)],
    );
    const own = await store.audit.page({ limit: 9, integrationId: TENANT, actor: 'key 1' });
    assert.deepEqual(
      own.map(({ at: when }) => when),
      [at(2)],
    );
  });

  it('a change is kept once, and told newest first, page by page', async () => {
    const change = (revision: number): KeptChange => ({
      id: `users/${TENANT}/${ADA}/${revision}`,
      tenantId: TENANT,
      userId: ADA,
      type: 'muster.user.updated',
      revision,
      changed: { displayName: `Ada ${revision}` },
      observedAt: at(revision),
      // Two at the same time: no page may lose one.
      changedAt: at(Math.min(revision, 2)),
      feedAt: at(revision),
      keepUntil: later,
    });
    await store.changes.keep([change(1), change(2)]);
    await store.changes.keep([{ ...change(2), changed: { displayName: 'another' } }, change(3)]);
    const seen: KeptChange[] = [];
    for (let before: string | undefined; seen.length < 9;) {
      const page = await store.changes.ofPerson(
        { tenantId: TENANT, userId: ADA },
        { limit: 1, ...(before === undefined ? {} : { before }) },
      );
      const last = page.at(-1);
      if (!last) break;
      seen.push(last);
      before = `${last.changedAt} ${last.id}`;
    }
    assert.deepEqual(
      seen.map(({ revision }) => revision),
      [3, 2, 1],
    );
    assert.deepEqual(seen[1], change(2));
  });
});
