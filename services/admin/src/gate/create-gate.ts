import {
  isFailure,
  toPersonKey,
  type Failure,
  type IntegrationSettings,
  type UserDocument,
  type UserFacts,
} from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { createMemo } from '../memo.js';
import type { ReadVerdict } from '../status/read-status.js';
import { createAskGraph, toProblemCode, type GraphAccess } from './ask-graph.js';
import { isOfChosenGroup, judgeAsked, judgeDocument, judgeSettings, type GateVerdict } from './domain/judge-gate.js';
import { toOperators, toRole, type PersonRole } from './domain/roles.js';

export type GateOptions = GraphAccess & {
  store: Pick<Store, 'users'>;
  readVerdict: ReadVerdict;
  operators: readonly string[];
  logger: Logger;
  now: Now;
};
export type GateAnswer =
  | { known: true; verdict: GateVerdict; person: KnownPerson }
  /** Neither the projection is fresh nor does Graph say: away for now, or it refuses this integration (not retryable). */
  | { known: false; failure: Failure };
export type KnownPerson = { userId: string; displayName: string | null; userPrincipalName: string | null };

export type Gate = {
  /** May this person enter now, by the projection, or by Graph while that is not fresh or of a former group. Nobody without User Sync. */
  ask: (settings: IntegrationSettings, userId: string) => Promise<GateAnswer>;
  /** What somebody who may enter may do; asks Graph where a group of admins or operators is set, no oftener than every 5 min. */
  roleOf: (settings: IntegrationSettings, person: KnownPerson) => Promise<PersonRole>;
};

/** How long Graph's word counts; while it is asked in place of the projection, somebody may stay in for so long. */
const ASKED_FOR_MS = 30_000;
const ROLE_FOR_MS = 5 * 60_000;
/** Freshness is shared by all requests of this time. */
const FRESHNESS_FOR_MS = 2_000;

export function createGate(options: GateOptions): Gate {
  const { store, operators, logger, now, readVerdict } = options;
  const askPerson = createAskGraph(options, { forMs: ASKED_FOR_MS, now });
  const askAdmin = createAskGraph(options, { forMs: ROLE_FOR_MS, now });
  const readFresh = createFreshness(readVerdict, now);

  return {
    ask: async (settings, userId) => {
      const closed = judgeSettings(settings, now());
      if (closed) return { known: true, verdict: closed, person: nobody(userId) };
      const stored = await readStored(store, settings, userId);
      const document = stored?.document ?? null;
      const told = stored && toTold(stored, settings);
      if (await readFresh(settings)) {
        if (!stored) return unknownTo(userId, now());
        if (told) return told;
      }
      try {
        const asked = await askPerson(settings, userId, settings.groupId);
        // The document may have been told later than Graph was asked: the newer word counts.
        if (document && told && document.observedAt > asked.observedAt) return told;
        return { known: true, verdict: judgeAsked(asked, settings), person: asked.user ?? document ?? nobody(userId) };
      } catch (error) {
        if (!isFailure(error)) throw error;
        logger.warn({ integrationId: settings.integrationId, code: toProblemCode(error) }, 'gate cannot ask Graph');
        return { known: false, failure: error };
      }
    },
    roleOf: async (settings, person) => {
      const { tenantId, admins } = settings;
      const facts = { person: { tenantId, ...person }, operators, admins };
      const isIn = async (groupId: string): Promise<boolean> => {
        const { inGroup } = await askAdmin(settings, person.userId, groupId);
        return inGroup === true;
      };
      const named = toRole({ ...facts, inOperatorGroup: false, inAdminGroup: false });
      if (named === 'operator') return named;
      try {
        for (const groupId of toOperators(operators, tenantId).groupIds) if (await isIn(groupId)) return 'operator';
        if (named !== 'member' || !admins?.groupId) return named;
        return toRole({ ...facts, inOperatorGroup: false, inAdminGroup: await isIn(admins.groupId) });
      } catch (error) {
        // Without proof nobody gets more than by name.
        if (isFailure(error)) return named;
        throw error;
      }
    },
  };
}

const nobody = (userId: string): KnownPerson => ({ userId, displayName: null, userPrincipalName: null });

/** A fresh projection that has no document: nobody who is in scope. */
const unknownTo = (userId: string, now: Date): GateAnswer => ({
  known: true,
  verdict: { allowed: false, why: 'out-of-scope', groupPath: [], by: 'projection', asOf: now.toISOString() },
  person: nobody(userId),
});

type StoredPerson = { document: UserDocument; facts: UserFacts | null };

async function readStored(
  { users }: GateOptions['store'],
  { tenantId }: IntegrationSettings,
  userId: string,
): Promise<StoredPerson | null> {
  const key = toPersonKey(tenantId, userId);
  return (await users.load([key])).get(key) ?? null;
}

/** By the document. Null where that is of a former group: the read of this one is under way, or waits for an admin's word. */
function toTold({ document, facts }: StoredPerson, settings: IntegrationSettings): GateAnswer | null {
  const verdict = judgeDocument(document, settings);
  if (!isOfChosenGroup(verdict, facts, settings)) return null;
  return { known: true, verdict, person: document };
}

/** The verdict that the status shows. */
function createFreshness(readVerdict: ReadVerdict, now: Now) {
  const memo = createMemo<boolean>({ forMs: FRESHNESS_FOR_MS, now });
  const read = async (settings: IntegrationSettings): Promise<boolean> =>
    (await readVerdict(settings))?.verdict === 'fresh';
  return (settings: IntegrationSettings): Promise<boolean> =>
    memo(`${settings.integrationId}/${settings.revision}`, () => read(settings));
}
