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
export type ReadPeople = { seen: SeenUser[]; gone: string[]; unread: string[]; failure: Failure | null };

export type PeopleReaderOptions = {
  graphOf: GraphOf;
  /** A tenant that can't be read within this time is left to a sweep, so that it delays nobody else. Default 5 s. */
  patienceMs?: number;
  /** The same for one that was not read in time before, until it is: it costs the others of its copy little. Default 2 s. */
  patienceWhileSlowMs?: number;
};

/** The report allows 5 requests in 10 s for an app and tenant; a burst is left to the report's own round. */
const MFA_AT_ONCE = 3;

export function createPeopleReader(options: PeopleReaderOptions): PeopleReader {
  const { graphOf, patienceMs = 5_000, patienceWhileSlowMs = 2_000 } = options;
  const slow = createSlowTenants();
  return {
    async readUsers(settings, userIds, { membership }) {
      const { integrationId } = settings;
      const onGivenUp = (work: Promise<unknown>): void => slow.givenUp(integrationId, work);
      const read = { graphOf, settings, groupId: membership ? settings.groupId : null, onGivenUp };
      const result: ReadPeople = { seen: [], gone: [], unread: [...userIds], failure: null };
      if (slow.isBusy(integrationId)) return { ...result, failure: tooSlow() };
      const begun = performance.now();
      const deadline = begun + (slow.has(integrationId) ? patienceWhileSlowMs : patienceMs);
      for (let attempt = 0; result.unread.length > 0; attempt += 1) {
        result.failure = await readOnce(result, { ...read, leftMs: deadline - performance.now() });
        if (!result.failure) break;
        const waitMs = Math.max(result.failure.retryAfterMs ?? 0, 100 * 2 ** attempt);
        if (!result.failure.retryable || performance.now() + waitMs >= deadline) break;
        await sleep(waitMs);
      }
      if (!result.failure) slow.inTime(integrationId);
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
 * Tenants that were not read in time. While such a read is still under way nobody begins another: its tenant is left to
 * sweeps at once, and what the others of the batch wait for it is one short try now and then.
 */
function createSlowTenants() {
  const tenants = new Map<string, { underWay: number; until: number }>();
  return {
    has: (integrationId: string): boolean => tenants.has(integrationId),
    isBusy: (integrationId: string): boolean => {
      const known = tenants.get(integrationId);
      return known !== undefined && known.underWay > 0 && performance.now() < known.until;
    },
    givenUp: (integrationId: string, work: Promise<unknown>): void => {
      const known = tenants.get(integrationId) ?? { underWay: 0, until: 0 };
      known.underWay += 1;
      known.until = performance.now() + GIVEN_UP_LIMIT_MS;
      tenants.set(integrationId, known);
      const end = (): void => void (known.underWay -= 1);
      work.then(end, end);
    },
    inTime: (integrationId: string): void => void tenants.delete(integrationId),
  };
}

type Asked = {
  graphOf: GraphOf;
  settings: IntegrationSettings;
  groupId: string | null;
  leftMs: number;
  onGivenUp: (work: Promise<unknown>) => void;
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
