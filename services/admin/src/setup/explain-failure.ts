import { isFailure } from '@muster/contracts';
import { explainAadsts } from '@muster/graph-client';

export type Explanation = { aadsts: number | null; detail: string; cure: string };

const BY_CODE: Record<string, { detail: string; cure: string }> = {
  'graph.throttled': { detail: 'Microsoft Graph is throttling this app.', cure: 'Wait a minute, then check again.' },
  'graph.unavailable': {
    detail: 'Microsoft Graph does not answer.',
    cure: 'Check that this machine may reach Microsoft Graph over https, then check again.',
  },
  'graph.forbidden': {
    detail: 'Microsoft Graph refuses this read.',
    cure: 'Grant the missing permission in Entra (API permissions) and press Grant admin consent.',
  },
  'graph.unauthorized': {
    detail: 'Microsoft Graph does not take the token.',
    cure: 'Check that the tenant and the app belong together, then check again.',
  },
  'graph.no-licence': {
    detail: 'The tenant has no licence for the MFA report (Entra ID P1 or P2).',
    cure: 'Get a licence, or turn mfaVerification off.',
  },
};

/** What went wrong at Microsoft's side, in one sentence, and what to do. Unknown errors go on upwards. */
export function explainFailure(error: unknown): Explanation {
  if (!isFailure(error)) throw error;
  const aadsts = Number(error.details.aadsts ?? Number.NaN);
  if (Number.isInteger(aadsts)) {
    const { sentence, cure } = explainAadsts(aadsts);
    return { aadsts, detail: sentence, cure };
  }
  const known = BY_CODE[error.code] ?? {
    detail: `Microsoft refused: ${error.code}.`,
    cure: 'Check again; if it stays, see the log of the admin service.',
  };
  return { aadsts: null, ...known };
}
