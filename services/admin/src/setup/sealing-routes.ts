import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isFailure, type IntegrationSettings } from '@muster/contracts';
import { resealSettings, toTokensContext, type IntegrationsStore } from '@muster/store';
import { resealTargets } from '../alerts/targets.js';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import type { SetupOptions } from './setup-options.js';

/** Somebody may save in between; then what they saved is read and sealed anew. */
const TRIES = 5;

/** `POST /sealing/rotate`: after a new key was put in front of MUSTER_KEYS, so that the old one may go. */
export const sealingRoutes = ({ store, sealer }: SetupOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/sealing/rotate',
    summary: 'Seal everything with the newest of MUSTER_KEYS; may be repeated',
    tag: 'setup',
    operatorOnly: true,
    answer: {
      status: 200,
      description: 'Once all of it is sealed anew the older keys may leave MUSTER_KEYS.',
      schema: z.object({
        resealed: z.int().describe('Integrations of which something was sealed anew.'),
        upToDate: z.int(),
      }),
    },
    errors: [409],
    handle: async () => {
      const all = await store.integrations.all();
      const failures: string[] = [];
      let resealed = 0;
      // One that cannot be sealed anew keeps none of the others from it.
      const attempt = async (run: () => Promise<void>): Promise<void> => {
        try {
          await run();
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          failures.push(error.detail);
        }
      };
      for (const { integrationId } of all) {
        await attempt(async () => {
          if (await resealOne(store.integrations, integrationId, reseal)) resealed += 1;
        });
        await attempt(() => resealTokens(integrationId));
      }
      await attempt(resealAlertTargets);
      if (failures.length > 0)
        throw new Problem(409, `Sealed anew, but for this: ${failures.join(' ')} Mend it, then ask again.`);
      return { body: { resealed, upToDate: all.length - resealed } };

      function reseal(settings: IntegrationSettings): IntegrationSettings | null {
        return opened(`A secret of integration ${settings.integrationId}`, () => resealSettings(settings, sealer));
      }

      async function resealAlertTargets(): Promise<void> {
        const targets = await store.alertTargets.get();
        const after = targets && opened('A secret of the targets of alerts', () => resealTargets(targets, sealer));
        if (after && !(await store.alertTargets.save({ ...after, revision: after.revision + 1 })))
          throw new Problem(409, 'The targets of alerts are being edited; ask again.');
      }

      async function resealTokens(integrationId: string): Promise<void> {
        const record = await store.tokenCaches.get(integrationId);
        if (!record || !sealer.isOutdated(record.sealed)) return;
        const context = toTokensContext(integrationId);
        const tokens = opened(`The consent of integration ${integrationId}`, () => sealer.open(record.sealed, context));
        // Lost to a refresh: that one has sealed with the newest key.
        const sealed = sealer.seal(tokens, context);
        await store.tokenCaches.replace({ ...record, sealed, version: randomUUID() }, record.version);
      }
    },
  }),
];

/** A key that MUSTER_KEYS no longer holds is told with whose secret it sealed. */
function opened<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!isFailure(error) || !error.code.startsWith('seal.')) throw error;
    throw new Problem(409, `${what} cannot be opened: it ${error.message}.`, { cause: error });
  }
}

async function resealOne(
  integrations: IntegrationsStore,
  integrationId: string,
  reseal: (settings: IntegrationSettings) => IntegrationSettings | null,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const settings = await integrations.get(integrationId);
    const after = settings && reseal(settings);
    if (!settings || !after) return false;
    // The revision rises, so that an edit that was read before cannot bring the old sealing back.
    if (await integrations.replace({ ...after, revision: settings.revision + 1 }, settings.revision)) return true;
  }
  throw new Problem(409, 'An integration is being edited all the time; ask again.');
}
