import { isFailure } from '@muster/contracts';
import { explainAadsts } from '@muster/graph-client';
import type { Refusal } from './domain/check-verdicts.js';

const BY_CODE: Record<string, Omit<Refusal, 'aadsts'>> = {
  'graph.throttled': {
    text: 'Microsoft Graph is throttling this app.',
    cure: 'Wait a minute, then check again.',
    action: 'check-again',
  },
  'graph.unavailable': {
    text: 'Microsoft does not answer.',
    cure: 'Check that this machine may reach Microsoft over https, then check again.',
    action: 'check-again',
  },
  'graph.forbidden': {
    text: 'Microsoft Graph refuses this read.',
    cure: 'Grant the missing permission in Entra (API permissions) and consent.',
    action: 'open-permissions',
  },
  'graph.unauthorized': {
    text: 'Microsoft Graph does not take the token.',
    cure: 'Check that the tenant and the app belong together, then check again.',
    action: 'check-again',
  },
  'sign-in.untrusted': {
    text: 'What came back from the sign-in cannot be trusted.',
    cure: 'Start the sign-in again.',
    action: 'sign-in',
  },
  'graph.no-licence': {
    text: 'The tenant has no licence for the MFA report (Entra ID P1 or P2).',
    cure: 'Get a licence, or turn MFA verification off.',
    action: 'edit-features',
  },
};

/** What went wrong at Microsoft's side, in one sentence, and what to do. Unknown errors go on upwards. */
export function explainFailure(error: unknown): Refusal {
  if (!isFailure(error)) throw error;
  const aadsts = Number(error.details.aadsts ?? Number.NaN);
  if (Number.isInteger(aadsts)) {
    const { sentence, cure, action } = explainAadsts(aadsts);
    return { aadsts, text: sentence, cure, action };
  }
  if (error.details.signInAgain === true) {
    const text = 'The consent is used up, was taken back, or was never given.';
    return { aadsts: null, text, cure: 'Sign in and consent again as an admin of the tenant.', action: 'consent' };
  }
  const known = BY_CODE[error.code] ?? {
    text: `Microsoft refused: ${error.code}.`,
    cure: 'Check again; if it stays, see the log of the admin service.',
    action: 'check-again' as const,
  };
  return { aadsts: null, ...known };
}

export type Attempt<T> = { refused: Refusal } | { refused: null; value: T };

/** Runs what asks Microsoft; what it refuses is an answer here. */
export async function attempt<T>(run: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { refused: null, value: await run() };
  } catch (error) {
    return { refused: explainFailure(error) };
  }
}
