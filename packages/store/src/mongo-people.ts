import type { Connection, mongo } from 'mongoose';
import {
  Failure,
  mfaState,
  userStatus,
  type MfaDocument,
  type MfaFacts,
  type MfaState,
  type UserDocument,
  type UserFacts,
} from '@muster/contracts';
import { inIdRanges, takeInIdRanges, type IdRange } from './id-ranges.js';
import { createLastTold } from './mongo-changes.js';
import { rowsOf, type Row } from './mongo-collections.js';
import {
  fitsReport,
  needsReport,
  toReportFilter,
  toUserFilter,
  type MfaRow,
  type Person,
  type UserRow,
} from './mongo-people-filters.js';
import { createProjected, HIDDEN, toDocument } from './mongo-projected.js';
import type { PeopleFilter } from './people-filter.js';
import { toSearchTerms } from './search-terms.js';
import type { MfaStore, UsersStore } from './store.js';

const GONE_OR_OUT = ['deleted', 'out-of-scope'];
const SEARCHED = ['displayName', 'userPrincipalName', 'mail'] as const;
const NOT_PURGED = { 'facts.purgedAt': { $exists: false } };

/** Candidates read at a time while a filter is sought. */
const CHUNK = 500;

const toCursor = (id: string): string => Buffer.from(`p1:${id}`).toString('base64url');
function fromCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (text.startsWith('p1:')) return text.slice(3);
  throw new Failure('store.bad-cursor', 'the cursor is not one that a page gave; start without', { retryable: false });
}

export function createUsersStore(connection: Connection): UsersStore {
  const users = rowsOf<UserRow>(connection, 'users');
  const mfa = rowsOf<MfaRow>(connection, 'mfa');
  const projected = createProjected<UserDocument, UserFacts>(users, {
    search: { fields: SEARCHED, toTerms: (user) => toSearchTerms(SEARCHED.map((name) => user[name])) },
    lastTold: createLastTold(connection, 'users'),
  });

  const findUsers = (filter: mongo.Filter<Row<UserRow>>, limit: number): Promise<Row<UserRow>[]> =>
    users.find(filter, { projection: HIDDEN }).sort({ _id: 1 }).limit(limit).toArray();

  /** Joined by the page's ids: one more query, on any server. */
  async function joinMfa(found: readonly Row<UserRow>[]): Promise<Person[]> {
    const ids = found.map((row) => row._id);
    const rows = await mfa.find({ _id: { $in: ids } }, { projection: HIDDEN }).toArray();
    const byId = new Map(rows.map((row) => [row._id, toDocument<MfaDocument>(row as Row<MfaRow>)]));
    return found.map((row) => ({ ...toDocument<UserDocument>(row), mfa: byId.get(row._id) ?? null }));
  }

  /**
   * A state that was reported is sought among the reports, which are fewer, but where few people fit the rest of the
   * filter, among those; "unknown" always among the people.
   */
  async function seek(filter: PeopleFilter): Promise<mongo.Filter<Row<MfaRow>> | null> {
    const reportedAs = toReportFilter(filter);
    const isNarrow = filter.search !== undefined || filter.status !== undefined;
    if (reportedAs === null || !isNarrow) return reportedAs;
    return (await users.countDocuments(toUserFilter(filter), { limit: CHUNK })) < CHUNK ? null : reportedAs;
  }

  /**
   * A small server sorts all that a query may find for each page. Where an index has all of the filter, and then the id,
   * range by range is cheaper; elsewhere each range would look at the whole tenant.
   */
  function findNext(filter: PeopleFilter, after: string | null, size: number): Promise<Row<UserRow>[]> {
    const { tenantId, search, inGroup, userType } = filter;
    const own = toUserFilter(filter);
    const isIndexed = search === undefined && inGroup === undefined && userType === undefined;
    if (tenantId !== undefined && isIndexed)
      return takeInIdRanges(tenantId, (_id) => findUsers({ ...own, _id }, size), { after, size });
    return findUsers({ ...own, ...(after === null ? {} : { _id: { $gt: after } }) }, size);
  }

  async function findReported(reportedAs: mongo.Filter<Row<MfaRow>>, after: string | null, { filter, size }: Seeking) {
    const find = (range: mongo.Filter<Row<MfaRow>>) =>
      mfa
        .find({ ...reportedAs, ...range }, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .limit(size)
        .toArray();
    const { tenantId, mfa: state, isAdmin } = filter;
    if (tenantId !== undefined && state !== undefined && isAdmin === undefined)
      return takeInIdRanges(tenantId, (_id) => find({ tenantId, _id }), { after, size });
    const later = after === null ? {} : { _id: { $gt: after } };
    return find(tenantId === undefined ? later : { tenantId, ...later });
  }

  type Seeking = { filter: PeopleFilter; reportedAs: mongo.Filter<Row<MfaRow>> | null; size: number };

  async function nextChunk({ filter, reportedAs, size }: Seeking, after: string | null) {
    if (reportedAs === null) {
      const found = await findNext(filter, after, size);
      const people = needsReport(filter) ? (await joinMfa(found)).filter(fitsReport(filter)) : await joinMfa(found);
      return { people, last: found.length < size ? null : (found.at(-1)?._id ?? null) };
    }
    const reported = await findReported(reportedAs, after, { filter, reportedAs, size });
    const ids = reported.map((row) => row._id);
    const people = await joinMfa(await findUsers({ ...toUserFilter(filter), _id: { $in: ids } }, size));
    return { people, last: ids.length < size ? null : (ids.at(-1) ?? null) };
  }

  async function* people(filter: PeopleFilter, start: string | null, size: number): AsyncGenerator<Person> {
    const seeking = { filter, reportedAs: await seek(filter), size };
    let after = start;
    do {
      const chunk = await nextChunk(seeking, after);
      yield* chunk.people;
      after = chunk.last;
    } while (after !== null);
  }

  return {
    ...projected,
    page: async (filter, { limit, cursor }) => {
      const items: Person[] = [];
      // One more than asked tells whether there is a next page.
      const size = !needsReport(filter) ? limit + 1 : Math.max(CHUNK, limit + 1);
      for await (const person of people(filter, fromCursor(cursor), size)) {
        const last = items.at(-1);
        if (items.length === limit && last) return { items, nextCursor: toCursor(`${last.tenantId}/${last.userId}`) };
        items.push(person);
      }
      return { items, nextCursor: null };
    },
    count: async (filter) => {
      if (!needsReport(filter)) return users.countDocuments(toUserFilter(filter));
      let count = 0;
      for await (const _person of people(filter, null, CHUNK)) count += 1;
      return count;
    },
    ids: async function* ids(tenantId) {
      const membership = { 'facts.membership.groupId': 1, 'facts.membership.observedAt': 1 };
      const projection = { userId: 1, observedAt: 1, inGroup: 1, status: 1, ...membership };
      const find = (_id: IdRange) => users.find({ tenantId, _id }, { projection }).sort({ _id: 1 }).toArray();
      for await (const { userId, observedAt, inGroup, status, facts } of inIdRanges(tenantId, find))
        if (status !== 'deleted')
          yield {
            userId,
            observedAt,
            inGroup,
            status,
            membership: (facts as UserFacts | undefined)?.membership ?? null,
          };
    },
    deletedIds: async function* deletedIds(tenantId) {
      const projection = { userId: 1, observedAt: 1 };
      const find = (_id: IdRange) =>
        users.find({ tenantId, status: 'deleted', _id }, { projection }).sort({ _id: 1 }).toArray();
      for await (const { userId, observedAt } of inIdRanges(tenantId, find)) yield { userId, observedAt };
    },
    idsInScope: async function* idsInScope(tenantId) {
      const here = { tenantId, status: { $in: ['active', 'disabled'] } } as mongo.Filter<Row<UserRow>>;
      const found = users
        .find(here, { projection: { userId: 1 } })
        .sort({ _id: 1 })
        .batchSize(1_000);
      for await (const { userId } of found) yield userId;
    },
    leftSince: async (tenantId, since, until) => {
      const left = {
        tenantId,
        status: { $in: ['deleted', 'out-of-scope'] },
        changedAt: { $gte: since.toISOString(), ...(until && { $lte: until.toISOString() }) },
        ...NOT_PURGED,
      };
      const found = await users.find(left as mongo.Filter<Row<UserRow>>, { projection: { userId: 1 } }).toArray();
      return found.map(({ userId }) => userId);
    },
    toPurge: async (tenantId, since, limit, { everybody = false } = {}) => {
      const status = { $in: everybody ? userStatus.options : GONE_OR_OUT };
      const old = { tenantId, status, changedAt: { $lte: since.toISOString() } };
      const filter = { ...old, ...NOT_PURGED } as mongo.Filter<Row<UserRow>>;
      const found = await users
        .find(filter, { projection: { _id: 1 } })
        .limit(limit)
        .toArray();
      return found.map(({ _id }) => _id);
    },
    drop: async (tenantId, since, limit) => {
      const purged = { 'facts.purgedAt': { $lte: since.toISOString() } };
      // A change that is not yet on the feed is told first.
      const filter = { tenantId, status: 'deleted', ...purged, pending: { $exists: false } };
      const found = await users
        .find(filter as mongo.Filter<Row<UserRow>>, { projection: { _id: 1 } })
        .limit(limit)
        .toArray();
      const ids = found.map(({ _id }) => _id);
      await mfa.deleteMany({ _id: { $in: ids } });
      // Who was restored meanwhile stays.
      await users.deleteMany({ _id: { $in: ids }, ...filter } as mongo.Filter<Row<UserRow>>);
      return ids.length;
    },
  };
}

export function createMfaStore(connection: Connection): MfaStore {
  const mfa = rowsOf<MfaRow>(connection, 'mfa');
  const users = rowsOf<UserRow>(connection, 'users');

  async function addStates(counts: Record<MfaState, number>, match: mongo.Filter<Row<MfaRow>>, sign: 1 | -1) {
    const grouped = mfa.aggregate<{ _id: MfaState; count: number }>([
      { $match: match },
      { $group: { _id: '$state', count: { $sum: sign } } },
    ]);
    for await (const { _id: state, count } of grouped) counts[state] += count;
  }

  /** Where people are not synced, a stale row is all that there is of who left. */
  async function* strays(more: mongo.Filter<Row<MfaRow>>): AsyncGenerator<string[]> {
    const stale = mfa.find({ ...more, stale: true } as mongo.Filter<Row<MfaRow>>, { projection: { _id: 1 } });
    let ids: string[] = [];
    const withoutDocument = async (): Promise<string[]> => {
      const known = await users.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
      const there = new Set(known.map(({ _id }) => _id));
      return ids.filter((id) => !there.has(id));
    };
    for await (const { _id } of stale.batchSize(CHUNK)) {
      ids.push(_id);
      if (ids.length < CHUNK) continue;
      yield await withoutDocument();
      ids = [];
    }
    if (ids.length > 0) yield await withoutDocument();
  }

  return {
    ...createProjected<MfaDocument, MfaFacts>(mfa, { lastTold: createLastTold(connection, 'mfa') }),
    countByState: async (tenantId) => {
      const counts = Object.fromEntries(mfaState.options.map((state) => [state, 0])) as Record<MfaState, number>;
      await addStates(counts, { tenantId }, 1);
      // Those who have gone are few beside those who are there, so they are what is looked up.
      const gone = users
        .find({ tenantId, status: { $in: ['deleted', 'out-of-scope'] } }, { projection: { _id: 1 } })
        .batchSize(CHUNK);
      let ids: string[] = [];
      for await (const { _id } of gone) {
        ids.push(_id);
        if (ids.length < CHUNK) continue;
        await addStates(counts, { _id: { $in: ids } }, -1);
        ids = [];
      }
      if (ids.length > 0) await addStates(counts, { _id: { $in: ids } }, -1);
      for await (const some of strays({ tenantId })) await addStates(counts, { _id: { $in: some } }, -1);
      return counts;
    },
    toPurge: async (tenantId, since, limit, { everybody = false } = {}) => {
      const kept = { tenantId, 'facts.rowObservedAt': { $ne: null } };
      if (limit === 0) return [];
      if (everybody) {
        const rows = mfa.find(kept as mongo.Filter<Row<MfaRow>>, { projection: { _id: 1 } }).limit(limit);
        return (await rows.toArray()).map(({ _id }) => _id);
      }
      const old = { ...kept, changedAt: { $lte: since.toISOString() } };
      const found: string[] = [];
      for await (const some of strays(old)) {
        found.push(...some);
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    ids: async function* ids(tenantId) {
      const projection = { userId: 1, observedAt: 1, stale: 1 };
      // By state, which is what the index has between: a row that changes it meanwhile may come twice, or not.
      const find = async (_id: IdRange) => {
        const found = [];
        for (const state of mfaState.options)
          found.push(...(await mfa.find({ tenantId, state, _id }, { projection }).toArray()));
        return found;
      };
      for await (const { userId, observedAt, stale } of inIdRanges(tenantId, find)) yield { userId, observedAt, stale };
    },
  };
}
