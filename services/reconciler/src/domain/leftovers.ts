import {
  MOST_CANDIDATES,
  plural,
  toPlanState,
  type IntegrationSettings,
  type PlanRecord,
  type RemovalCandidate,
  type UserDocument,
} from '@muster/contracts';
import type { Removal } from './plan-removals.js';
import { MARK, wasInScope, type KnownPerson } from './snapshot.js';

type Settings = Pick<IntegrationSettings, 'integrationId' | 'tenantId' | 'state'>;

/** Documents are kept by tenant: those of an integration that was removed wait for the next one of the tenant. */
export const takesOver = ({ integrationId, tenantId }: Settings, all: readonly Settings[]): boolean =>
  all.some((one) => one.integrationId !== integrationId && one.tenantId === tenantId && one.state === 'removed');

/**
 * `createdAt` by Graph's clock, as documents are dated.
 *
 * In scope by a document that nobody has seen since before this integration was, and not seen in scope by its first load,
 * which tells of everyone in scope: this integration never admitted the person.
 */
export const isLeftover = (
  settings: Pick<IntegrationSettings, 'groupId' | 'createdAt'>,
  person: Omit<KnownPerson, 'membership'> & Pick<UserDocument, 'status'>,
  mark: number,
): boolean => mark !== MARK.inScope && person.observedAt < settings.createdAt && wasInScope(settings, person);

/** Who answers for them. */
const BY_RULE = 'Muster, by rule';

/**
 * Plans in which they are allowed to go, so that they need no admin and count for no limit. An answer that an admin gave
 * for somebody before stays.
 */
export function allowLeftovers(
  plans: readonly PlanRecord[],
  leftovers: readonly Removal[],
  { fresh, most = MOST_CANDIDATES }: { fresh: () => Omit<PlanRecord, 'reason'>; most?: number },
): PlanRecord[] {
  const answered = new Set(
    plans.flatMap(({ candidates }) =>
      candidates.filter(({ state }) => state === 'allowed' || state === 'refused').map(({ userId }) => userId),
    ),
  );
  const open = leftovers.filter(({ userId }) => !answered.has(userId));
  return Array.from({ length: Math.ceil(open.length / most) }, (_, part) => {
    const plan = fresh();
    const { createdAt: at } = plan;
    const candidates = open
      .slice(part * most, (part + 1) * most)
      .map(({ userId, why }): RemovalCandidate => ({ userId, why, state: 'allowed', waitsSince: at, decidedAt: at }));
    const reason = `${candidates.length} of ${plural(plan.inScope, 'person', 'people')} in scope came with the documents of an integration that was removed; this one never admitted them, so that nobody has to be asked.`;
    return { ...plan, reason, candidates, state: toPlanState(candidates), decidedAt: at, decidedBy: BY_RULE };
  });
}
