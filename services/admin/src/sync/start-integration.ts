import { toActiveCredential, type IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { IntegrationsStore } from '@muster/store';
import { Problem } from '../http/problem.js';
import type { Principal } from '../keys/principal.js';
import { toStartWishes } from '../setup/domain/sync-wishes.js';
import { saveIntegration } from '../setup/save-integration.js';
import type { AskReconciler } from './ask-reconciler.js';

export type StartOptions = {
  integrations: IntegrationsStore;
  askReconciler: AskReconciler;
  now: Now;
  principal: Principal;
  ifMatch: number | null;
};

/** Starts, or starts again; may be repeated. */
export async function startIntegration(
  before: IntegrationSettings,
  { integrations, askReconciler, now, principal, ifMatch }: StartOptions,
): Promise<IntegrationSettings> {
  const credential = toActiveCredential(before);
  if (!credential || credential.expiresAt <= now().toISOString())
    throw new Problem(409, 'The client secret has expired. Enter a new one first (PUT …/secrets, then …/use).');
  const startedAt = before.startedAt ?? now().toISOString();
  const after =
    before.state === 'active'
      ? before
      : await saveIntegration({
          integrations,
          before,
          change: {
            state: 'active',
            startedAt,
            ...(before.state === 'paused' ? { resumedAt: now().toISOString() } : {}),
          },
          ifMatch,
          now,
        });
  // Asked again when it runs already: the first time may have failed between the two writes.
  await askReconciler(after, toStartWishes(before), principal);
  return after;
}
