import type { Failure } from '@muster/contracts';
import { guid } from '@muster/contracts';
import { z } from 'zod';
import { readAadsts, signInNeeded, toRefusal } from './msal-client.js';
import type { SignInReturn } from './sign-in.js';

const text = z.string().min(1).max(8_192);
const returned = z.object({
  state: z.string().max(2_048).catch(''),
  code: text.optional(),
  admin_consent: text.optional(),
  tenant: guid.optional(),
  error: text.optional(),
  error_description: text.optional(),
});

/** People who said no; Entra tells of it in either word. */
const DECLINED = new Set(['access_denied', 'permission_denied']);

/**
 * Reads the query with which Entra sends a browser back. Nothing of it is trusted: compare `state` with what the
 * browser began, redeem the code. Null = no return of a sign-in at all.
 */
export function readSignInReturn(query: unknown): SignInReturn | null {
  const parsed = returned.safeParse(query);
  if (!parsed.success) return null;
  const { state, code, error, tenant } = parsed.data;
  if (error !== undefined)
    return { kind: 'refused', state, failure: toReturnFailure(error, parsed.data.error_description ?? '') };
  if (parsed.data.admin_consent?.toLowerCase() === 'true' && tenant !== undefined)
    return { kind: 'admin-consent', state, tenantId: tenant };
  return code === undefined ? null : { kind: 'code', state, code };
}

/** Our own words by the number; the text of the address is anybody's. */
function toReturnFailure(error: string, description: string): Failure {
  const aadsts = readAadsts(description);
  if (aadsts !== null) return toRefusal(aadsts, error.slice(0, 60));
  if (DECLINED.has(error)) return toRefusal(65004, error);
  return signInNeeded(error.slice(0, 60));
}
