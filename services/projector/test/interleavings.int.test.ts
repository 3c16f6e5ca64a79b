import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { toPersonKey, type DirectoryChange } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, patiently, testServers } from '@muster/test-support';
import { toUserChangeEvent } from '../src/domain/change-events.js';
import { projectUser, type KnownUser } from '../src/domain/project-user.js';
import type { Scope } from '../src/domain/scope.js';
import { writeProjected } from '../src/write-projected.js';
import {
  anyInterleaving,
  anyMixed,
  asRead,
  content,
  everyone,
  grouped,
  now,
  run,
  start,
  toBatches,
  toMixed,
  toSeen,
  visible,
  type MixedHistory,
} from './interleavings.js';

const PEOPLE = 600;
/** At a time, as in a batch of the projector. */
const AT_ONCE = 200;
const COPIES = 2;

type Person = Pick<MixedHistory, 'from' | 'batches'> & { userId: string } & Partial<MixedHistory>;
type Told = { scope: Scope; publisher: Pick<Publisher, 'publish'> };
type Counts = { refused: number; rereads: number };

/** A server that is slow for a while is asked again, as the projector's batch comes again. */
const redelivered = <T>(deliver: () => Promise<T>): Promise<T> => patiently(deliver, { within: 120_000, every: 1_000 });

const idOf = ({ tenantId }: Scope, { userId }: Pick<Person, 'userId'>): string => toPersonKey(tenantId, userId);

describe('2,400 interleavings through the update filter of the server, by two copies at a time', () => {
  let store: Store;
  before(async () => {
    const { mongodbUri } = createResources('interleavings', testServers().mongodbUri);
    store = await patiently(() =>
      connectStore({ uri: mongodbUri, logger: createLogger({ service: 'test', level: 'silent' }) }),
    );
  });
  after(() => store.close());

  /** Every second batch of each person; who has to be read again is read as at the end. */
  async function runCopy(people: readonly Person[], copy: number, { scope, publisher }: Told): Promise<Counts> {
    const counts = { refused: 0, rereads: 0 };
    for (let step = copy; people.some(({ batches }) => step < batches.length); step += COPIES) {
      const here = new Map(people.map((person) => [idOf(scope, person), person]));
      const write = async (ids: readonly string[], isReread: boolean): Promise<string[]> => {
        const decide = (id: string, known: KnownUser | null) => {
          const { batches = [], closing, clock = () => now } = here.get(id) ?? {};
          const reread = isReread && closing ? [asRead(closing)] : [];
          const seen = [...(batches[step] ?? []), ...reread];
          const verdict = projectUser({ known, seen, scope, now: clock(step) });
          if (verdict.kind !== 'write') return verdict;
          const { document, facts, change, changed } = verdict;
          return { kind: 'write' as const, document, facts, pending: toUserChangeEvent(document, change, changed) };
        };
        const collection = store.users;
        const options = { collection, ids, decide, publisher, now: () => now };
        const outcome = await redelivered(() => writeProjected(options));
        counts.refused += outcome.refused;
        return outcome.toRead;
      };
      const ids = [...here].filter(([, { batches }]) => (batches[step] ?? []).length > 0).map(([id]) => id);
      const toRead = await write(ids, false);
      counts.rereads += toRead.length;
      if (toRead.length > 0) await write(toRead, true);
    }
    return counts;
  }

  async function runAll(scope: Scope, people: readonly Person[]): Promise<Counts & { told: Set<string> }> {
    const known = people.flatMap((person) => (person.from ? [{ id: idOf(scope, person), ...person.from }] : []));
    const inserts = known.map(({ id, document, facts }) => ({
      kind: 'insert' as const,
      id,
      document,
      pending: toUserChangeEvent(document, 'created', []),
      ...(facts ? { facts } : {}),
    }));
    // Those that were there before the answer was lost come back as refused.
    await redelivered(() => store.users.write(inserts));
    const told = new Set<string>();
    const publisher: Pick<Publisher, 'publish'> = {
      publish: (events) => {
        for (const { value } of events) told.add((value as DirectoryChange).id);
        return Promise.resolve();
      },
    };
    const total = { refused: 0, rereads: 0 };
    for (let from = 0; from < people.length; from += AT_ONCE) {
      const some = people.slice(from, from + AT_ONCE);
      const copies = Array.from({ length: COPIES }, (_, copy) => runCopy(some, copy, { scope, publisher }));
      for (const { refused, rereads } of await Promise.all(copies)) {
        total.refused += refused;
        total.rereads += rereads;
      }
    }
    return { ...total, told };
  }

  /** Each revision is told, and none that is not there. */
  function assertTold(id: string, told: ReadonlySet<string>, last: number): void {
    for (let revision = 1; revision <= last; revision += 1)
      assert.ok(told.has(`users/${id}/${revision}`), `revision ${revision} of ${last} is told`);
    assert.ok(!told.has(`users/${id}/${last + 1}`));
  }

  for (const [what, rules] of [
    ['without a group', everyone],
    ['with a group', grouped],
  ] as const) {
    it(`end at the documents that the rules alone give, told once and without a gap: ${what}`, async () => {
      const scope = { ...rules, tenantId: randomUUID() };
      const all = fc.sample(anyInterleaving, PEOPLE).map((interleaving) => {
        const userId = randomUUID();
        const from = start(scope, userId);
        const inOrder = interleaving.codes.map((code) => [toSeen(userId, code)]);
        const expected = visible(run(scope, inOrder, from).known?.document);
        return { userId, from, expected, batches: toBatches(userId, interleaving) };
      });
      const { refused, told } = await runAll(scope, all);
      assert.ok(refused > 0, 'the copies met');
      const stored = await redelivered(() => store.users.load(all.map((person) => idOf(scope, person))));
      for (const person of all) {
        const document = stored.get(idOf(scope, person))?.document;
        assert.equal(visible(document), person.expected);
        assertTold(idOf(scope, person), told, document?.revision ?? 0);
      }
      assert.deepEqual(await redelivered(() => store.users.leftovers(1)), []);
    }).timeout(300_000);

    it(`with rows of full reads, first documents and fresh ones, end at what the newest sight says: ${what}`, async () => {
      const scope = { ...rules, tenantId: randomUUID() };
      const all = fc.sample(anyMixed, PEOPLE).map((mixed) => {
        const userId = randomUUID();
        return { userId, ...toMixed(userId, scope, mixed) };
      });
      const { refused, rereads, told } = await runAll(scope, all);
      assert.ok(refused > 0 && rereads > 0, `${refused} met, ${rereads} were read again`);
      const stored = await redelivered(() => store.users.load(all.map((person) => idOf(scope, person))));
      for (const person of all) {
        const document = stored.get(idOf(scope, person))?.document;
        assert.equal(content(document), content(run(scope, [[person.closing]], person.from).known?.document));
        assertTold(idOf(scope, person), told, document?.revision ?? 0);
      }
      assert.deepEqual(await redelivered(() => store.users.leftovers(1)), []);
    }).timeout(300_000);
  }
});
