import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFailure, type DirectoryChange, type MfaState, type UserDocument } from '@muster/contracts';
import { createResources, patiently, testServers } from '@muster/test-support';
import { connectStore, type Store } from '../src/index.js';
import { at, changeOf, idOf, insert, mfaOf, silent, update, user } from './fixtures.js';

describe('people in MongoDB', () => {
  const resources = createResources('people', testServers().mongodbUri);
  let store: Store;
  before(async () => {
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger: silent }));
  });
  after(async () => {
    await store.close();
    await resources.remove();
  });

  describe('guarded writes', () => {
    it('insert, load and answer the document without what is kept beside it', async () => {
      const document = user();
      const facts = { userObservedAt: at(1), membership: null };
      assert.deepEqual(await store.users.write([{ ...insert(document), facts }]), { refused: [] });
      const stored = await store.users.load([idOf(document), 'nobody']);
      const { version, ...rest } = stored.get(idOf(document)) ?? {};
      assert.deepEqual(rest, { document, pending: changeOf(document), facts });
      assert.equal(typeof version, 'string');
      assert.equal(stored.size, 1);
      assert.deepEqual(await store.users.get(idOf(document)), document);
    });

    it('refuse an update that is older than the document, and leave it as it is', async () => {
      const document = user({ observedAt: at(9) });
      await store.users.write([insert(document)]);
      const stale = update(document, { observedAt: at(8), displayName: 'Stale' });
      assert.deepEqual(await store.users.write([stale]), { refused: [idOf(document)] });
      assert.deepEqual(await store.users.get(idOf(document)), document);
    });

    it('refuse an update decided on a revision that has passed, and only that one of a bulk', async () => {
      const [moved, other, fresh] = [user(), user(), user()];
      await store.users.write([insert(moved), insert(other)]);
      await store.users.write([update(moved, { displayName: 'Second' })]);
      const { refused } = await store.users.write([
        update(moved, { displayName: 'Lost' }),
        update(other, { displayName: 'Won' }),
        insert(fresh),
      ]);
      assert.deepEqual(refused, [idOf(moved)]);
      assert.equal((await store.users.get(idOf(moved)))?.displayName, 'Second');
      assert.equal((await store.users.get(idOf(other)))?.displayName, 'Won');
      assert.deepEqual(await store.users.get(idOf(fresh)), fresh);
    });

    it('let exactly one of many racing updates of one revision through', async () => {
      const document = user();
      await store.users.write([insert(document)]);
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.users.write([update(document, { displayName: `R${index}` })])),
      );
      assert.equal(results.filter(({ refused }) => refused.length === 0).length, 1);
      assert.equal((await store.users.get(idOf(document)))?.revision, 2);
    });

    it('let exactly one of many racing inserts through', async () => {
      const document = user();
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.users.write([insert({ ...document, displayName: `I${index}` })])),
      );
      const winner = results.findIndex(({ refused }) => refused.length === 0);
      assert.equal(results.filter(({ refused }) => refused.length === 0).length, 1);
      assert.equal((await store.users.get(idOf(document)))?.displayName, `I${winner}`);
    });

    it('advance only observedAt by a touch, never back', async () => {
      const document = user({ observedAt: at(5) });
      await store.users.write([insert(document)]);
      await store.users.published([{ id: idOf(document), revision: 1 }]);
      const touch = { kind: 'touch', id: idOf(document), base: { revision: 1 } } as const;
      assert.deepEqual(await store.users.write([{ ...touch, observedAt: at(7) }]), { refused: [] });
      assert.deepEqual(await store.users.write([{ ...touch, observedAt: at(6) }]), { refused: [idOf(document)] });
      assert.deepEqual(await store.users.get(idOf(document)), { ...document, observedAt: at(7) });
    });

    it('refuse the second of two touches that were decided on the same state, so that no fact is lost', async () => {
      const document = user({ observedAt: at(5) });
      const id = idOf(document);
      await store.users.write([insert(document)]);
      await store.users.published([{ id, revision: 1 }]);
      const version = (await store.users.load([id])).get(id)?.version ?? null;
      const touch = (second: number) => {
        const facts = { userObservedAt: at(second), membership: null };
        return { kind: 'touch', id, base: { revision: 1, version }, observedAt: at(5), facts } as const;
      };
      assert.deepEqual(await store.users.write([touch(4)]), { refused: [] });
      assert.deepEqual(await store.users.write([touch(3)]), { refused: [id] });
      assert.equal((await store.users.load([id])).get(id)?.facts?.userObservedAt, at(4));
    });
  });

  describe('pending changes', () => {
    it('wait until they are confirmed, oldest first, and a newer one survives a late confirmation', async () => {
      const [first, second] = [user({ changedAt: at(30) }), user({ changedAt: at(20) })];
      const mine = new Set([idOf(first), idOf(second)]);
      await store.users.write([insert(first), insert(second)]);
      const waiting = async () => (await store.users.leftovers(1_000)).filter(({ id }) => mine.has(id));
      assert.deepEqual(
        (await waiting()).map(({ id }) => id),
        [idOf(second), idOf(first)],
      );
      await store.users.write([update(second, { displayName: 'Newer' })]);
      await store.users.published([
        { id: idOf(first), revision: 1 },
        { id: idOf(second), revision: 1 },
      ]);
      assert.deepEqual(
        (await waiting()).map(({ pending }) => pending.id),
        [`users/${idOf(second)}/2`],
      );
    });
  });

  const insertMfa = (person: UserDocument, state: MfaState, isAdmin: boolean | null = null) => {
    const document = mfaOf(person, { state, isAdmin });
    const data = { revision: 1, changed: [], document };
    const pending: DirectoryChange = { ...changeOf(person), type: 'muster.mfa.changed', data };
    return { kind: 'insert', id: idOf(document), document, pending } as const;
  };

  describe('pages of people', () => {
    const crowdTenant = randomUUID();
    const crowd = Array.from({ length: 57 }, (_, index) =>
      user({
        tenantId: crowdTenant,
        displayName: index === 3 ? 'Zoë (Sales) Ångström' : `Person ${index}`,
        userPrincipalName: `p${index}@example.com`,
        status: index % 5 === 0 ? 'disabled' : 'active',
      }),
    );
    before(async () => {
      await store.users.write(crowd.map(insert));
      const reported = crowd.slice(0, 20);
      await store.mfa.write(
        reported.map((person, index) => insertMfa(person, index % 2 === 0 ? 'capable' : 'registered', index === 0)),
      );
    });

    const readAll = async (filter: Parameters<Store['users']['page']>[0], limit: number) => {
      const seen: Awaited<ReturnType<Store['users']['page']>>['items'] = [];
      let cursor: string | undefined;
      do {
        const page = await store.users.page(filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
        assert.ok(page.items.length <= limit);
        seen.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return seen;
    };

    it('hold everyone once, whatever the size of a page', async () => {
      const everyone = crowd.map(({ userId }) => userId).sort();
      for (const limit of [1, 10, 19, 57, 100]) {
        const seen = (await readAll({ tenantId: crowdTenant }, limit)).map(({ userId }) => userId);
        assert.deepEqual(seen, everyone, `limit ${limit}`);
      }
    });

    it('carry the MFA row of each person, and null for who has none', async () => {
      const seen = await readAll({ tenantId: crowdTenant }, 25);
      assert.equal(seen.filter(({ mfa }) => mfa !== null).length, 20);
      assert.ok(seen.every(({ mfa, userId }) => mfa === null || mfa.userId === userId));
    });

    it('keep only what the filter asks, and count the same', async () => {
      const expectations = [
        [{ status: 'disabled' }, 12],
        [{ mfa: 'capable' }, 10],
        [{ mfa: 'registered', status: 'active' }, 8],
        [{ mfa: 'unknown' }, 37],
        [{ isAdmin: true }, 1],
        [{ isAdmin: false }, 56],
        [{ isAdmin: true, mfa: 'registered' }, 0],
        [{ isAdmin: false, mfa: 'capable' }, 9],
        [{ isAdmin: false, mfa: 'unknown' }, 37],
        [{ inGroup: true }, 0],
        [{ search: 'p1' }, 11],
        [{ search: 'zoe' }, 1],
        [{ search: 'ANG sal' }, 1],
        [{ search: 'zoe p1' }, 0],
        [{ search: '.*' }, 0],
      ] as const;
      for (const [filter, expected] of expectations) {
        const whole = { tenantId: crowdTenant, ...filter };
        assert.equal((await readAll(whole, 4)).length, expected, JSON.stringify(filter));
        assert.equal(await store.users.count(whole), expected, JSON.stringify(filter));
      }
    });

    it('are the same whether few or many fit the rest of the filter', async () => {
      const many = Array.from({ length: 620 }, (_, index) =>
        user({
          ...{ tenantId: randomUUID(), displayName: index % 100 === 0 ? `Rare ${index}` : `Common ${index}` },
          status: index % 3 === 0 ? 'disabled' : 'active',
        }),
      ).map((one, _, [first]) => ({ ...one, tenantId: first!.tenantId }));
      const tenantId = many[0]!.tenantId;
      await store.users.write(many.map(insert));
      const stateOf = (index: number): MfaState => (index % 2 === 0 ? 'capable' : 'registered');
      await store.mfa.write(many.map((person, index) => insertMfa(person, stateOf(index))));
      const idsOf = async (filter: object): Promise<string[]> =>
        (await readAll({ tenantId, ...filter }, 40)).map(({ userId }) => userId);
      const wanted = (fits: (person: UserDocument, index: number) => boolean): string[] =>
        many
          .filter(fits)
          .map(({ userId }) => userId)
          .sort();
      const isCapable = (_: unknown, index: number): boolean => stateOf(index) === 'capable';
      assert.deepEqual(
        await idsOf({ mfa: 'capable', search: 'common' }),
        wanted((one, index) => isCapable(one, index) && index % 100 !== 0),
      );
      assert.deepEqual(
        await idsOf({ mfa: 'capable', search: 'rare' }),
        wanted((one, index) => isCapable(one, index) && index % 100 === 0),
      );
      assert.deepEqual(await idsOf({ mfa: 'registered', search: 'rare' }), []);
      assert.deepEqual(
        await idsOf({ mfa: 'registered', status: 'disabled' }),
        wanted((one, index) => !isCapable(one, index) && one.status === 'disabled'),
      );
      assert.deepEqual(await idsOf({ mfa: 'capable', search: 'nobody' }), []);
    });

    it('count MFA states by tenant', async () => {
      assert.deepEqual(await store.mfa.countByState(crowdTenant), {
        capable: 10,
        registered: 10,
        'not-registered': 0,
        unknown: 0,
      });
    });

    it('count no MFA state of who was deleted or has left the scope', async () => {
      const tenantId = randomUUID();
      const people = (['active', 'disabled', 'deleted', 'out-of-scope'] as const).map((status) =>
        user({ tenantId, status }),
      );
      await store.users.write(people.map(insert));
      await store.mfa.write(people.map((person) => insertMfa(person, 'capable')));
      const { capable } = await store.mfa.countByState(tenantId);
      assert.equal(capable, 2);
    });

    it('stream the ids of people who are not deleted', async () => {
      const gone = crowd[0]!;
      await store.users.write([update(gone, { status: 'deleted' })]);
      const seen: string[] = [];
      for await (const { userId } of store.users.ids(crowdTenant)) seen.push(userId);
      assert.equal(seen.length, crowd.length - 1);
      assert.ok(!seen.includes(gone.userId));
    });

    it('refuse a cursor that no page gave', async () => {
      await assert.rejects(
        store.users.page({}, { limit: 1, cursor: 'nonsense' }),
        (error) => isFailure(error) && error.code === 'store.bad-cursor',
      );
    });
  });
});
