import type { IntegrationSettings, SubscriptionRecord, Watch } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { toDoubt, toInventoriedAt, toSweepsSince } from './domain/inventory-due.js';
import { planSubscriptions, type Action, type PlanInput } from './domain/plan-subscriptions.js';
import { takeInventory, type InventoryGraph } from './take-inventory.js';

export type PlanDueOptions = {
  store: { coverage: Pick<Store['coverage'], 'since'> };
  now: Now;
  /** When the token of a delegated consent was refreshed last; null = the app works as itself. */
  tokenSince?: (settings: IntegrationSettings) => Promise<number | null>;
  logger: Logger;
};
export type DueInput = {
  settings: IntegrationSettings;
  wanted: readonly Watch[];
  records: readonly SubscriptionRecord[];
  context: PlanInput['ours'];
  graph: InventoryGraph;
  /** The regular one is due. */
  inventory: boolean;
};
/** `inventoriedAt`: goes into the records once all is done, so that no other look makes the inventory again. */
export type Planned = { actions: Action[]; inventoriedAt?: string };

/** What is due for one integration. Graph is asked for its list only for an inventory. */
export async function planDue(options: PlanDueOptions, input: DueInput): Promise<Planned> {
  const { settings, wanted, records, context, graph, inventory } = input;
  const logger = options.logger.child({ integrationId: settings.integrationId });
  // Ahead of the list: a start that comes meanwhile asks for another one.
  const askedAt = options.now().getTime();
  const doubt = await readDoubt(options, input, askedAt);
  if (doubt !== null) logger.info({ since: new Date(doubt).toISOString() }, 'inventory ahead of its time');
  const asked = doubt !== null || (inventory && records.some(({ status }) => status === 'live'));
  const listed = asked ? await takeInventory({ graph, recorded: records, ours: context, logger }) : null;
  const editedAt = Date.parse(settings.updatedAt);
  const tokenSince = await readTokenSince(options, settings);
  const now = options.now().getTime();
  const actions = planSubscriptions({ wanted, recorded: records, listed, now, ours: context, editedAt, tokenSince });
  return doubt === null || listed === null ? { actions } : { actions, inventoriedAt: toInventoriedAt(doubt, askedAt) };
}

/**
 * Whether a look would find anything to do, asked without a lease: of hundreds of integrations there is hardly ever something.
 * One whose token is to be kept fresh always has.
 */
export async function isAnythingDue(
  options: Omit<PlanDueOptions, 'logger'>,
  { settings, wanted, records, context: ours }: Omit<DueInput, 'graph' | 'inventory'>,
): Promise<boolean> {
  if (settings.consent !== 'application') return true;
  const now = options.now().getTime();
  const editedAt = Date.parse(settings.updatedAt);
  if (planSubscriptions({ wanted, recorded: records, listed: null, now, ours, editedAt }).length > 0) return true;
  return (await readDoubt(options, { settings, records }, now)) !== null;
}

type Doubted = Pick<DueInput, 'settings' | 'records'>;

async function readDoubt(options: Pick<PlanDueOptions, 'store'>, input: Doubted, now: number): Promise<number | null> {
  const { settings, records: recorded } = input;
  return toDoubt({ settings, recorded, sweeps: await readSweeps(options, input, now) });
}

/** A handful of small rows by an index: each look asks. */
async function readSweeps(
  { store }: Pick<PlanDueOptions, 'store'>,
  { settings, records: recorded }: Doubted,
  now: number,
) {
  const since = toSweepsSince({ settings, recorded, now });
  return since === null ? [] : store.coverage.since(settings.integrationId, since);
}

/** A consent that was taken back shows in what the calls say. */
const readTokenSince = async ({ tokenSince, logger }: PlanDueOptions, settings: IntegrationSettings) =>
  settings.state === 'active' || settings.state === 'paused'
    ? ((await tokenSince?.(settings).catch((error: unknown) => {
        logger.warn({ err: error, integrationId: settings.integrationId }, 'token of the consent not kept fresh');
        return null;
      })) ?? null)
    : null;
