import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, isFailure, type IntegrationSettings } from '@muster/contracts';
import type { Graph, ReadUser } from '@muster/graph-client';
import { within } from '@muster/runtime';
import type { SeenMfa } from './domain/project-mfa.js';
import type { SeenUser } from './domain/project-user.js';

export type GraphOf = (settings: IntegrationSettings) => Graph;
export type PeopleReader = {
  /**
   * Never rejects: what could not be read is named, and why. `gone` is in `seen` too. Whether somebody is in the group
   * costs Graph four units beside one for the person: only asked with `membership`.
   */
  readUsers: (
    settings: IntegrationSettings,
    userIds: readonly string[],
    options: { membership: boolean },
  ) => Promise<ReadPeople>;
  /** Best effort; the next report brings what is missing here. */
  readMfa: (settings: IntegrationSettings, userIds: readonly string[]) => Promise<SeenMfa[]>;
};
export type ReadPeople = {
  seen: SeenUser[];
  gone: string[];
  unread: string[];
  failure: Failure | null;
  /** What a read that was not waited for brings in the end; nobody when it fails. */
  late: Promise<SeenUser[]> | null;
};

export type PeopleReaderOptions = {
  graphOf: GraphOf;
  /** A tenant that can't be read within this time is left to a sweep, until a read that nobody waits for shows that it can. Default 5 s. */
  patienceMs?: number;
  /** The same where other tenants were read within the last minute: they wait along. Default 1 s. */
  patienceBesideOthersMs?: number;
};

/** The report allows 5 requests in 10 s for an app and tenant; a burst is left to the report's own round. */
const MFA_AT_ONCE = 3;

export function createPeopleReader(options: PeopleReaderOptions): PeopleReader {
  const { graphOf, patienceMs = 5_000, patienceBesideOthersMs = 1_000 } = options;
  const slow = createSlowTenants();
  const company = createCompany();
  return {
    async readUsers(settings, userIds, { membership }) {
      const { integrationId } = settings;
      const groupId = membership ? settings.groupId : null;
      const result: ReadPeople = { seen: [], gone: [], unread: [...userIds], failure: null, late: null };
      const onGivenUp = (work: Promise<ReadUser[]>): void => {
        slow.givenUp(integrationId, work);
        result.late = work.then(
          (read) => read.flatMap((one) => (one.found === 'failed' ? [] : [toSeen(one, groupId)])),
          () => [],
        );
      };
      const read = { graphOf, settings, groupId, onGivenUp };
      const patience = company.joins(integrationId) ? patienceBesideOthersMs : patienceMs;
      if (slow.has(integrationId)) {
        const probe = async () => graphOf(settings).readUsers(userIds.slice(0, 1), { groupId: null });
        slow.probe(integrationId, probe, patience);
        return { ...result, failure: tooSlow() };
      }
      const deadline = performance.now() + patience;
      for (let attempt = 0; result.unread.length > 0; attempt += 1) {
        result.failure = await readOnce(result, { ...read, leftMs: deadline - performance.now() });
        if (!result.failure) break;
        const waitMs = Math.max(result.failure.retryAfterMs ?? 0, 100 * 2 ** attempt);
        if (!result.failure.retryable || performance.now() + waitMs >= deadline) break;
        await sleep(waitMs);
      }
      return result;
    },
    async readMfa(settings, userIds) {
      const reads = userIds.slice(0, MFA_AT_ONCE).map(async (userId): Promise<SeenMfa[]> => {
        const { row, observedAt } = await inTime(graphOf(settings).readMfa(userId), patienceMs);
        return row ? [{ userId, observedAt, source: 'request', row }] : [];
      });
      const settled = await Promise.allSettled(reads);
      return settled.flatMap((read) => (read.status === 'fulfilled' ? read.value : []));
    },
  };
}

/** A read that was given up and never ends is not waited for longer. */
const GIVEN_UP_LIMIT_MS = 60_000;

/**
 * Tenants that were not read in time: left to sweeps at once, so that nobody waits for them. One read at a time tries
 * whether they can be read again; what it answers is dropped, for a sweep tells it.
 */
function createSlowTenants() {
  const tenants = new Map<string, { underWay: number; until: number }>();
  const begin = (integrationId: string): { underWay: number; until: number } => {
    const known = tenants.get(integrationId) ?? { underWay: 0, until: 0 };
    known.underWay += 1;
    known.until = performance.now() + GIVEN_UP_LIMIT_MS;
    tenants.set(integrationId, known);
    return known;
  };
  return {
    has: (integrationId: string): boolean => tenants.has(integrationId),
    givenUp: (integrationId: string, work: Promise<unknown>): void => {
      const known = begin(integrationId);
      const end = (): void => void (known.underWay -= 1);
      work.then(end, end);
    },
    probe: (integrationId: string, read: () => Promise<unknown>, withinMs: number): void => {
      const before = tenants.get(integrationId);
      const begun = performance.now();
      if (before && before.underWay > 0 && begun < before.until) return;
      const known = begin(integrationId);
      const end = (): void => {
        known.underWay -= 1;
        if (performance.now() - begun <= withinMs) tenants.delete(integrationId);
      };
      read().then(end, end);
    },
  };
}

const COMPANY_MS = 60_000;

/** Whether other tenants are read here, too. */
function createCompany() {
  let newest = { id: '', at: Number.NEGATIVE_INFINITY };
  let other = newest;
  return {
    joins: (id: string): boolean => {
      const at = performance.now();
      if (newest.id !== id) other = newest;
      newest = { id, at };
      return at - other.at < COMPANY_MS;
    },
  };
}

type Asked = {
  graphOf: GraphOf;
  settings: IntegrationSettings;
  groupId: string | null;
  leftMs: number;
  onGivenUp: (work: Promise<ReadUser[]>) => void;
};

/** Moves what was read out of `unread`; answers why the rest stayed. */
async function readOnce(result: ReadPeople, asked: Asked): Promise<Failure | null> {
  const { graphOf, settings, groupId, leftMs, onGivenUp } = asked;
  let read: ReadUser[];
  try {
    read = await inTime(graphOf(settings).readUsers(result.unread, { groupId }), leftMs, onGivenUp);
  } catch (error) {
    return asFailure(error);
  }
  const unread = new Set(result.unread);
  let failure: Failure | null = null;
  for (const one of read) {
    if (one.found === 'failed') {
      failure = asFailure(one.failure);
      continue;
    }
    unread.delete(one.userId);
    result.seen.push(toSeen(one, groupId));
    if (one.found === 'no') result.gone.push(one.userId);
  }
  result.unread = [...unread];
  if (unread.size === 0) return null;
  return failure ?? new Failure('graph.malformed', 'Graph left people out of its answer', { retryable: true });
}

function toSeen(read: Exclude<ReadUser, { found: 'failed' }>, groupId: string | null): SeenUser {
  const { userId, observedAt } = read;
  const seen = { userId, observedAt, source: 'notification' } as const;
  if (read.found === 'no') return { ...seen, user: null };
  const { user, inGroup } = read;
  if (groupId === null || inGroup === null) return { ...seen, user };
  return { ...seen, user, membership: { groupId, inGroup, groupPath: null } };
}

const asFailure = (error: unknown): Failure =>
  isFailure(error)
    ? error
    : new Failure('graph.unavailable', 'Graph could not be read', { retryable: false, cause: error });

const tooSlow = (): Failure =>
  new Failure('graph.slow', 'Graph took longer than the projector waits', { retryable: false });

const inTime = <T>(work: Promise<T>, limitMs: number, onGivenUp?: (work: Promise<T>) => void): Promise<T> =>
  within(work, limitMs, () => {
    onGivenUp?.(work);
    throw tooSlow();
  });
