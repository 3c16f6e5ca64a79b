import type { IntegrationSettings, PlanRecord, RemovalLimit } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
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

/** Now by Graph's clock, as reads are dated. */
export const graphNow = ({ graph, now }: Pick<Run, 'graph' | 'now'>): string =>
  new Date(now().getTime() - (graph().clockSkewMs() ?? 0)).toISOString();

/** Plans that were made for the scope that the settings name now, newest first. */
export async function plansOf({ store, settings, tries }: Run): Promise<PlanRecord[]> {
  const { integrationId, groupId } = settings;
  const all = await tries(() => store.plans.list({ integrationIds: [integrationId], limit: 100 }));
  return all.filter((plan) => plan.groupId === groupId);
}
