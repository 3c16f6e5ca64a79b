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
  'consent.used-up': {
    text: 'The consent is used up, was taken back, or was never given.',
    cure: 'Sign in and consent again as an admin of the tenant.',
    action: 'consent',
  },
  'graph.no-licence': {
    text: 'The tenant has no licence for the MFA report (Entra ID P1 or P2).',
    cure: 'Get a licence, or turn MFA verification off.',
    action: 'edit-features',
  },
  'seal.unknown-key': {
    text: 'The secret that is kept was sealed with a key that MUSTER_KEYS no longer holds.',
    cure: 'Add that key to MUSTER_KEYS again, or enter the secret anew.',
    action: 'enter-secret',
  },
  'seal.broken': {
    text: 'The secret that is kept cannot be opened: it was changed, or belongs to another integration.',
    cure: 'Enter the secret anew.',
    action: 'enter-secret',
  },
  'seal.no-secret': {
    text: 'The integration has no client secret or certificate in use.',
    cure: 'Enter one.',
    action: 'enter-secret',
  },
  'store.unavailable': {
    text: 'MongoDB does not answer.',
    cure: 'Try again in a minute.',
    action: 'check-again',
  },
  'store.refused': {
    text: 'MongoDB refused a command.',
    cure: 'See the log of the admin service.',
    action: 'check-again',
  },
};

/** What MongoDB refuses says itself what it is. */
const OURS = /^store\./;

/** What went wrong at Microsoft's side or here, in one sentence, and what to do. Unknown errors go on upwards. */
export function explainFailure(error: unknown): Refusal {
  const refusal = explainRefusal(toRefusalCode(error));
  return isFailure(error) && OURS.test(error.code) ? { ...refusal, text: toSentence(error.message) } : refusal;
}

const toSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;

/** What an address may carry in place of words: `AADSTS65004`, or the code of a failure. Unknown errors go on upwards. */
export function toRefusalCode(error: unknown): string {
  if (!isFailure(error)) throw error;
  const aadsts = Number(error.details.aadsts ?? Number.NaN);
  if (Number.isInteger(aadsts)) return `AADSTS${aadsts}`;
  return error.details.signInAgain === true ? 'consent.used-up' : error.code;
}

const AADSTS_CODE = /^AADSTS(\d{1,9})$/;

/** The same words for a code that came back by an address. */
export function explainRefusal(code: string): Refusal {
  const aadsts = AADSTS_CODE.exec(code)?.[1];
  if (aadsts !== undefined) {
    const { sentence, cure, action } = explainAadsts(Number(aadsts));
    return { aadsts: Number(aadsts), text: sentence, cure, action };
  }
  const known = BY_CODE[code] ?? {
    text: `Microsoft refused: ${code}.`,
    cure: 'Check again; if it stays, see the log of the admin service.',
    action: 'check-again' as const,
  };
  return { aadsts: null, ...known };
}

export const isKnownRefusal = (code: string): boolean => AADSTS_CODE.test(code) || Object.hasOwn(BY_CODE, code);

export type Attempt<T> = { refused: Refusal; code: string } | { refused: null; value: T };

/** Runs what asks Microsoft; what it refuses is an answer here. */
export async function attempt<T>(run: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { refused: null, value: await run() };
  } catch (error) {
    return { refused: explainFailure(error), code: toRefusalCode(error) };
  }
}
