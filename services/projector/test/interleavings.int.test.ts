import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { toPersonKey, type DirectoryChange } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, testServers } from '@muster/test-support';
import { toUserChangeEvent } from '../src/domain/change-events.js';
import { projectUser, type SeenUser } from '../src/domain/project-user.js';
import { writeProjected } from '../src/write-projected.js';
import { anyInterleaving, everyone, grouped, now, run, start, toBatches, toSeen, visible } from './interleavings.js';

const PEOPLE = 1_000;
/** At a time, as in a batch of the projector. */
const AT_ONCE = 200;
const COPIES = 2;

describe('2,000 interleavings through the update filter of the server, by two copies at a time', () => {
  let store: Store;
  before(async () => {
    const { mongodbUri } = createResources('interleavings', testServers().mongodbUri);
    store = await connectStore({ uri: mongodbUri, logger: createLogger({ service: 'test', level: 'silent' }) });
  });
  after(() => store.close());

  for (const [what, rules] of [
    ['without a group', everyone],
    ['with a group', grouped],
  ] as const)
    it(`end at the documents that the rules alone give, told once and without a gap: ${what}`, async () => {
      const scope = { ...rules, tenantId: randomUUID() };
      const idOf = (userId: string): string => toPersonKey(scope.tenantId, userId);
      const all = fc.sample(anyInterleaving, PEOPLE).map((interleaving) => {
        const userId = randomUUID();
        const from = start(scope, userId);
        const expected = run(
          scope,
          interleaving.codes.map((code) => [toSeen(userId, code)]),
          from,
        );
        return { userId, from, expected, batches: toBatches(userId, interleaving) };
      });
      await store.users.write(
        all.map(({ userId, from: { document, facts } }) => ({
          kind: 'insert',
          id: idOf(userId),
          document,
          pending: toUserChangeEvent(document, 'created', []),
          ...(facts ? { facts } : {}),
        })),
      );
      const told: DirectoryChange[] = [];
      const publish: Publisher['publish'] = (events) => {
        told.push(...events.map(({ value }) => value as DirectoryChange));
        return Promise.resolve();
      };
      /** Every second batch of each person. */
      const runCopy = async (people: typeof all, copy: number): Promise<number> => {
        let refused = 0;
        for (let step = copy; people.some(({ batches }) => step < batches.length); step += COPIES) {
          const seenById = new Map(people.map(({ userId, batches }) => [idOf(userId), batches[step] ?? []]));
          const ids = [...seenById].filter(([, seen]) => seen.length > 0).map(([id]) => id);
          const decide = (id: string, known: Parameters<typeof projectUser>[0]['known']) => {
            const seen: SeenUser[] = seenById.get(id) ?? [];
            const verdict = projectUser({ known, seen, scope, now });
            if (verdict.kind !== 'write') return verdict;
            const { document, facts, change, changed } = verdict;
            return { kind: 'write' as const, document, facts, pending: toUserChangeEvent(document, change, changed) };
          };
          const outcome = await writeProjected({
            collection: store.users,
            ids,
            decide,
            publisher: { publish },
            now: () => now,
          });
          refused += outcome.refused;
        }
        return refused;
      };
      let refused = 0;
      for (let from = 0; from < PEOPLE; from += AT_ONCE) {
        const some = all.slice(from, from + AT_ONCE);
        const counts = await Promise.all(Array.from({ length: COPIES }, (_, copy) => runCopy(some, copy)));
        refused += counts.reduce((sum, count) => sum + count, 0);
      }
      assert.ok(refused > 0, 'the copies met');

      const stored = await store.users.load(all.map(({ userId }) => idOf(userId)));
      const ids = new Set(told.map(({ id }) => id));
      for (const { userId, expected } of all) {
        const document = stored.get(idOf(userId))?.document;
        assert.equal(visible(document), visible(expected.known?.document));
        for (let revision = 1; revision <= (document?.revision ?? 0); revision += 1)
          assert.ok(
            ids.has(`users/${idOf(userId)}/${revision}`),
            `revision ${revision} of ${document?.revision} is told`,
          );
        assert.ok(!ids.has(`users/${idOf(userId)}/${(document?.revision ?? 0) + 1}`));
      }
      assert.deepEqual(await store.users.leftovers(1), []);
    }).timeout(300_000);
});
