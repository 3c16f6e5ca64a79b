import { Failure } from '@muster/contracts';
import { z } from 'zod';
import { readAadsts, signInUnavailable, toRefusal } from './msal-client.js';

export type TenantEndpoints = { issuer: string; authorizationEndpoint: string; jwksUri: string };

const documentShape = z
  .object({ issuer: z.url(), authorization_endpoint: z.url(), jwks_uri: z.url() })
  .transform((found) => ({
    issuer: found.issuer,
    authorizationEndpoint: found.authorization_endpoint,
    jwksUri: found.jwks_uri,
  }));
const errorShape = z.object({
  error: z.string().catch('unknown'),
  error_codes: z.array(z.int()).catch([]),
  error_description: z.string().catch(''),
});

/**
 * Asks Entra, without a secret, whether there is such a tenant, and where its endpoints are. Rejects with
 * `token.refused` (details.aadsts 90002 or 900023: no such tenant) or `graph.unavailable`.
 */
export async function discoverTenant(
  { loginUrl, tenantId }: { loginUrl: string; tenantId: string },
  timeoutMs = 10_000,
): Promise<TenantEndpoints> {
  const address = `${loginUrl}/${encodeURIComponent(tenantId)}/v2.0/.well-known/openid-configuration`;
  const { status, body } = await readJson(address, timeoutMs);
  const document = documentShape.safeParse(body).data;
  if (status === 200 && document) return document;
  const refusal = errorShape.safeParse(body).data;
  const aadsts = refusal?.error_codes[0] ?? readAadsts(refusal?.error_description ?? '');
  if (refusal && aadsts !== null) throw toRefusal(aadsts, refusal.error);
  throw signInUnavailable(`status ${status}`);
}

async function readJson(address: string, timeoutMs: number): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    throw new Failure('graph.unavailable', `Microsoft’s sign-in cannot be reached (${name}).`, {
      retryable: true,
      cause: error,
    });
  }
}
