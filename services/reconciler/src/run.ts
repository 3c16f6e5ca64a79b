import type { IntegrationSettings, PlanRecord, RemovalLimit } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { PlansFilter, Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import type { ObservationEvent, Origin } from './domain/observations.js';
import type { Tries } from './try-again.js';

/** What every read of a tenant has, a full one and a sweep. */
export type Run = {
  settings: IntegrationSettings;
  store: Pick<Store, 'users' | 'groups' | 'plans' | 'leases'>;
  tries: Tries;
  publish: (events: readonly ObservationEvent[]) => Promise<void>;
  graph: () => Graph;
  logger: Logger;
  now: Now;
  newId: () => string;
  origin: () => Origin;
  removalLimit: RemovalLimit;
  /** Rows that were no rows. */
  addMalformed: (count: number) => void;
  /**
   * Takes somebody of whom Graph would not tell, so that the others go on: asked again later. Rejects where it is more than a
   * few. Absent where the read is made again as a whole.
   */
  leave?: (userId: string, failure: Error) => void;
  /** Removals that were told, and removals that wait. */
  told: { removed: (count: number) => void; held: (count: number) => void };
};

const ENDED_LATELY_MS = 86_400_000;

/** Now by Graph's clock, as reads are dated. */
export const graphNow = (run: Pick<Run, 'graph' | 'now'>): string => toGraphTime(run, run.now());

/** An instant of ours by Graph's clock. */
export const toGraphTime = ({ graph }: Pick<Run, 'graph'>, at: Date): string =>
  new Date(at.getTime() - (graph().clockSkewMs() ?? 0)).toISOString();

type PlansRun = Pick<Run, 'store' | 'settings' | 'tries'>;
const listPlans = (
  { store, settings, tries }: PlansRun,
  filter: Pick<PlansFilter, 'states' | 'updatedSince'>,
): Promise<PlanRecord[]> => {
  const { integrationId, groupId } = settings;
  return tries(() => store.plans.list({ integrationIds: [integrationId], groupId, limit: 100, ...filter }));
};

/** Plans that are open, and were made for the scope that the settings name now, newest first. */
export const plansOf = (run: PlansRun): Promise<PlanRecord[]> =>
  listPlans(run, { states: ['waiting', 'allowed', 'refused'] });

/** Those that ended no longer ago than anyone still counts as gone lately, however late the projector took it in. */
export const plansEndedLately = (run: PlansRun & Pick<Run, 'now'>): Promise<PlanRecord[]> => {
  const updatedSince = new Date(run.now().getTime() - ENDED_LATELY_MS).toISOString();
  return listPlans(run, { states: ['done'], updatedSince });
};
