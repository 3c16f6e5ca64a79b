import { isFailure, toMfaState, toPersonKey, type PersonRead, type SyncRequest } from '@muster/contracts';
import type { Graph, ReadUser } from '@muster/graph-client';
import type { Store } from '@muster/store';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPeople } from './confirm.js';
import { groupPathOf } from './domain/group-tree.js';
import { toGoneEvent, toGroupEvent, toMfaEvent, toUserEvent, type ObservationEvent } from './domain/observations.js';
import { isInScope } from './domain/snapshot.js';
import { readGroupTree, type ReadTree } from './read-group-tree.js';
import type { Run } from './run.js';
import { createSlots } from './slots.js';
import { openSweep, type SweepDeps } from './sweep-run.js';
import { toTreeGroups } from './take-tokens.js';

export type PersonRequest = Extract<SyncRequest, { type: 'person' }>;
export type PersonReaderDeps = Omit<SweepDeps, 'store'> & {
  store: SweepDeps['store'] & Pick<Store, 'personReads'>;
  concurrency: number;
  /** A tenant that takes longer goes on beside the others, ms. */
  patienceMs?: number;
};
/** Reads one person now, because somebody asked, and tells what it saw through the log. */
export type PersonReader = {
  /**
   * Begins at once, unless that request was answered already or the tenant's person before is still being read: of one
   * tenant one person at a time, and whoever is asked for again meanwhile once. Never rejects.
   */
  request: (request: PersonRequest) => Promise<void>;
  idle: () => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * After a start the newest requests come again: nobody waits for an older one any more. One that is as far ahead would hide
 * all that come until then.
 */
const LONGEST_WAIT_MS = 5 * 60_000;
/** A tenant that takes longer for a person goes on beside the others. */
const PATIENCE_MS = 3_000;

export function createPersonReader(deps: PersonReaderDeps): PersonReader {
  const { store, now, logger } = deps;
  const slots = createSlots(deps.concurrency, { patienceMs: deps.patienceMs ?? PATIENCE_MS });
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  /** By integration, then by tenant and person: who waits behind the one that is being read. */
  const lines = new Map<string, Map<string, PersonRequest>>();

  const isTimely = ({ requestedAt }: PersonRequest): boolean =>
    Math.abs(now().getTime() - Date.parse(requestedAt)) <= LONGEST_WAIT_MS;
  const isOpen = async ({ tenantId, userId, requestedAt }: PersonRequest): Promise<boolean> => {
    const last = await store.personReads.get(tenantId, userId);
    return last === null || last.requestedAt < requestedAt;
  };
  const work = async (request: PersonRequest): Promise<void> => {
    const settings = await store.integrations.get(request.integrationId);
    // Kept and asked for by tenant: a request that names another tenant than its integration's is nobody's.
    if (settings?.state !== 'active' || settings.tenantId !== request.tenantId || !(await isOpen(request))) return;
    const { signal } = stopping;
    await slots.hold(async (slot) => {
      const pause = (ms: number) => slot.away(() => sleep(ms, undefined, { signal }));
      const run = openSweep(deps, { settings, kind: 'users', signal, pause });
      await store.personReads.save(await readOnRequest({ ...run, origin: requested(run) }, request));
    });
  };
  const serve = async (integrationId: string, line: Map<string, PersonRequest>): Promise<void> => {
    // Who comes meanwhile is served, too.
    for (const [key, request] of line) {
      line.delete(key);
      const { userId } = request;
      if (stopping.signal.aborted) return;
      if (!isTimely(request)) {
        logger.warn({ integrationId, userId }, 'person not read: whoever asked waited too long');
        continue;
      }
      await work(request).catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.warn({ err: error, integrationId, userId }, 'person not read');
      });
    }
    lines.delete(integrationId);
  };
  const open = (integrationId: string): Map<string, PersonRequest> => {
    const line = new Map<string, PersonRequest>();
    lines.set(integrationId, line);
    const run: Promise<void> = Promise.resolve()
      .then(() => serve(integrationId, line))
      .finally(() => running.delete(run));
    running.add(run);
    return line;
  };
  return {
    async request(request) {
      const { integrationId, tenantId, userId, requestedAt } = request;
      // One that names another tenant, which is nobody's, must not stand for a good one.
      const key = toPersonKey(tenantId, userId);
      if (!isTimely(request)) return;
      const line = lines.get(integrationId) ?? open(integrationId);
      const waiting = line.get(key);
      if (!waiting || waiting.requestedAt < requestedAt) line.set(key, request);
      await Promise.resolve();
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    async stop() {
      stopping.abort(new Error('the reconciler stops'));
      await Promise.all(running);
    },
  };
}

const requested = (run: Run) => () => ({ ...run.origin(), source: 'request' as const });

type Seen = Pick<PersonRead, 'readAt' | 'found' | 'accountEnabled' | 'userType' | 'inGroup' | 'groupPath' | 'failure'>;

async function readOnRequest(run: Run, request: PersonRequest): Promise<PersonRead> {
  const { integrationId, tenantId, userId, requestedAt, requestedBy } = request;
  const asked = { integrationId, tenantId, userId, requestedAt, requestedBy };
  const seen = await readUser(run, userId).catch((error: unknown) => unread(run, error));
  const isIn = seen.found === 'yes' && isInScope(run.settings, { ...seen, inGroup: seen.inGroup === true });
  const { mfaVerification } = run.settings.features;
  const mfa = mfaVerification && isIn ? await readMfa(run, userId) : { state: null, failure: null };
  return { ...asked, ...seen, mfa: mfa.state, failure: seen.failure ?? mfa.failure };
}

/** Person and way in are told together, as old as the older half. */
async function readUser(run: Run, userId: string): Promise<Seen> {
  const { groupId } = run.settings;
  const [person] = await readPeople(run, [userId]);
  if (!person || person.found === 'failed') return unread(run, person?.failure);
  const tree = groupId !== null && person.found === 'yes' && person.inGroup ? await readGroupTree(run, groupId) : null;
  const path = tree && groupPathOf(tree, userId);
  await run.publish(toEvents(run, person, { tree, path }));
  const { observedAt } = person;
  const none = { accountEnabled: null, userType: null, inGroup: null, groupPath: [], failure: null };
  if (person.found === 'no') return { ...none, readAt: observedAt, found: person.removed };
  const { accountEnabled, userType } = person.user;
  const inGroup = groupId === null ? null : person.inGroup === true;
  return { ...none, readAt: observedAt, found: 'yes', accountEnabled, userType, inGroup, groupPath: [...(path ?? [])] };
}

type Way = { tree: ReadTree | null; path: readonly string[] | null };

function toEvents(run: Run, person: Exclude<ReadUser, { found: 'failed' }>, { tree, path }: Way): ObservationEvent[] {
  const { userId, observedAt } = person;
  if (person.found === 'no') return [toGoneEvent(run.origin(), observedAt, { userId, removed: person.removed })];
  const { user } = person;
  if (run.settings.groupId === null) return [toUserEvent(run.origin(), observedAt, { user })];
  if (!person.inGroup)
    return [toUserEvent(run.origin(), observedAt, { user, membership: { inGroup: false, groupPath: [] } })];
  // Replicas that contradict each other tell nothing of the way; the document keeps the one that it has.
  if (!tree || !path) return [toUserEvent(run.origin(), observedAt, { user })];
  const membership = { inGroup: true, groupPath: [...path] };
  return [
    ...toTreeGroups(tree).map((group) => toGroupEvent(run.origin(), tree.observedAt, group)),
    toUserEvent(run.origin(), observedAt, { user, membership }),
  ];
}

/** The row of who is not in the report tells nothing: no data is never "no MFA". */
async function readMfa(
  run: Run,
  userId: string,
): Promise<{ state: PersonRead['mfa']; failure: PersonRead['failure'] }> {
  try {
    const graph: Graph = run.graph();
    const { row, observedAt } = await run.tries(() => graph.readMfa(userId));
    if (row) await run.publish([toMfaEvent(run.origin(), observedAt, { userId, row })]);
    return { state: toMfaState(row), failure: null };
  } catch (error) {
    return { state: null, failure: toWords(error) };
  }
}

const unread = (run: Run, error: unknown): Seen => ({
  readAt: run.now().toISOString(),
  found: 'unknown',
  accountEnabled: null,
  userType: null,
  inGroup: null,
  groupPath: [],
  failure: toWords(error),
});

/** Our own words only: those of an unknown error may hold anything. */
const toWords = (error: unknown): { code: string; message: string } =>
  isFailure(error)
    ? { code: error.code, message: error.message.slice(0, 500) }
    : { code: 'internal', message: 'An error that Muster did not expect; see the log of the reconciler.' };
