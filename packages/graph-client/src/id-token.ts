import { Failure, guid } from '@muster/contracts';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** Who signed in. `userId` + `tenantId` are the stable key; names change. */
export type SignedInPerson = { tenantId: string; userId: string; username: string; name: string };

const claimsShape = z.object({
  tid: guid,
  oid: guid,
  nonce: z.string(),
  preferred_username: z.string().catch(''),
  name: z.string().catch(''),
});

export type IdTokenExpectation = { issuer: string; clientId: string; tenantId: string; nonce: string };

/** Clocks differ; Entra's own advice is five minutes. */
const TOLERANCE_SECONDS = 300;

/** The tenant's signing keys, fetched when needed and kept. */
export const keysAt = (jwksUri: string): JWTVerifyGetKey => createRemoteJWKSet(new URL(jwksUri));

/**
 * Signature, issuer, audience, times, tenant and nonce
 * (https://learn.microsoft.com/entra/identity-platform/id-tokens). Rejects with `sign-in.untrusted`, whose
 * details.claim says which of them is wrong; `graph.unavailable` when the signing keys cannot be read.
 */
export async function verifyIdToken(
  idToken: string,
  keys: JWTVerifyGetKey,
  { issuer, clientId, tenantId, nonce }: IdTokenExpectation,
): Promise<SignedInPerson> {
  const options = { issuer, audience: clientId, clockTolerance: TOLERANCE_SECONDS, algorithms: ['RS256'] };
  const { payload } = await jwtVerify(idToken, keys, { ...options, requiredClaims: ['exp', 'iat'] }).catch(toUntrusted);
  const claims = claimsShape.safeParse(payload);
  if (!claims.success) throw untrusted(String(claims.error.issues[0]?.path[0] ?? 'claims'));
  const { tid, oid, preferred_username: username, name } = claims.data;
  if (tid !== tenantId.toLowerCase()) throw untrusted('tid');
  if (claims.data.nonce !== nonce) throw untrusted('nonce');
  return { tenantId: tid, userId: oid, username, name };
}

function toUntrusted(error: unknown): never {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
    throw untrusted(error.claim);
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
    throw new Failure('graph.unavailable', 'Microsoft’s signing keys cannot be read.', {
      retryable: true,
      cause: error,
    });
  throw untrusted('signature');
}

export const untrusted = (claim: string): Failure =>
  new Failure('sign-in.untrusted', `The sign-in cannot be trusted (${claim} is not what it should be). Begin again.`, {
    retryable: false,
    details: { claim },
  });
