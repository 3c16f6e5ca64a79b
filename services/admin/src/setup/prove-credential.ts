import { cloudUrls, isFailure, type CredentialSlot, type Failure, type IntegrationSettings } from '@muster/contracts';
import { openSlot } from '@muster/store';
import { notFound, Problem } from '../http/problem.js';
import { toRefused, toSignInVerdicts } from './domain/check-verdicts.js';
import type { Verdict } from './domain/verdict.js';
import { explainFailure } from './explain-failure.js';
import type { SetupOptions } from './setup-options.js';

type ProvingOptions = Pick<SetupOptions, 'sealer' | 'graphOf' | 'customCloud'>;

/** Signs the app in with what one slot holds, whatever is in use; the last verdict is about the credential. */
export async function proveCredential(
  settings: IntegrationSettings,
  slot: CredentialSlot,
  options: ProvingOptions,
): Promise<Verdict[]> {
  const failure = await signInBy(settings, slot, options);
  return toVerdicts(failure, slot);
}

/** Problem 409 with why, behind `refusal`, unless the app signs in with what the slot holds. Throws what may pass. */
export async function requireProved(
  settings: IntegrationSettings,
  slot: CredentialSlot,
  { refusal, ...options }: ProvingOptions & { refusal: string },
): Promise<void> {
  const failure = await signInBy(settings, slot, options);
  if (failure?.retryable) throw failure;
  const wrong = toVerdicts(failure, slot).find(({ state }) => state === 'problem' || state === 'unknown');
  if (wrong) throw new Problem(409, `${refusal}: ${wrong.text} ${wrong.cure ?? ''}`.trim(), { cause: failure });
}

/** Null: Microsoft takes it. Throws 404 for an empty slot. */
async function signInBy(
  settings: IntegrationSettings,
  slot: CredentialSlot,
  { sealer, graphOf, customCloud }: ProvingOptions,
): Promise<Failure | null> {
  const { tenantId, clientId, cloud } = settings;
  try {
    const proof = openSlot(settings, slot, sealer);
    if (!proof) throw notFound('credential in this slot');
    await graphOf({ tenantId, clientId, ...proof, ...cloudUrls(cloud, customCloud) }).signIn();
    return null;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}

/** What is wrong here, a sealing key that is lost, says nothing of tenant and app. */
function toVerdicts(failure: Failure | null, slot: CredentialSlot): Verdict[] {
  const field = slot === 'certificate' ? 'certificate' : 'clientSecret';
  if (failure?.code.startsWith('seal.')) return [toRefused(field, explainFailure(failure))];
  return toSignInVerdicts(failure && explainFailure(failure), field);
}

/** Whether an edit lets an integration that was started, maybe paused, sign in with something that nobody has tried. */
export const isUntried = (before: IntegrationSettings, after: IntegrationSettings): boolean =>
  (before.state === 'active' || before.state === 'paused') &&
  after.activeSlot !== null &&
  (after.clientId !== before.clientId || after.activeSlot !== before.activeSlot);
