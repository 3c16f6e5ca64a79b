import { cloudUrls, type CredentialSlot, type IntegrationSettings } from '@muster/contracts';
import { openSlot } from '@muster/store';
import { notFound, Problem } from '../http/problem.js';
import { toSignInVerdicts } from './domain/check-verdicts.js';
import type { Verdict } from './domain/verdict.js';
import { attempt } from './explain-failure.js';
import type { SetupOptions } from './setup-options.js';

/** Signs the app in with what one slot holds, whatever is in use; the last verdict is about the credential. */
export async function proveCredential(
  settings: IntegrationSettings,
  slot: CredentialSlot,
  { sealer, graphOf, customCloud }: Pick<SetupOptions, 'sealer' | 'graphOf' | 'customCloud'>,
): Promise<Verdict[]> {
  const proof = openSlot(settings, slot, sealer);
  if (!proof) throw notFound('credential in this slot');
  const { tenantId, clientId, cloud } = settings;
  const graph = graphOf({ tenantId, clientId, ...proof, ...cloudUrls(cloud, customCloud) });
  const signIn = await attempt(() => graph.signIn());
  return toSignInVerdicts(signIn.refused, slot === 'certificate' ? 'certificate' : 'clientSecret');
}

/** Problem 409 with why, behind `refusal`, unless the app signs in with what the slot holds. */
export async function requireProved(
  settings: IntegrationSettings,
  slot: CredentialSlot,
  { refusal, ...options }: Parameters<typeof proveCredential>[2] & { refusal: string },
): Promise<void> {
  const wrong = (await proveCredential(settings, slot, options)).find(
    ({ state }) => state === 'problem' || state === 'unknown',
  );
  if (wrong) throw new Problem(409, `${refusal}: ${wrong.text} ${wrong.cure ?? ''}`.trim());
}

/** Whether an edit lets an integration that was started, maybe paused, sign in with something that nobody has tried. */
export const isUntried = (before: IntegrationSettings, after: IntegrationSettings): boolean =>
  (before.state === 'active' || before.state === 'paused') &&
  after.activeSlot !== null &&
  (after.clientId !== before.clientId || after.activeSlot !== before.activeSlot);
