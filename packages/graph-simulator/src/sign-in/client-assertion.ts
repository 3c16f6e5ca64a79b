import { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Certificate } from '../tenant/app.js';
import type { World } from '../world.js';
import { FAULTS } from './entra-fault.js';
import { addEnding } from './state.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const headerSchema = z.object({ x5t: z.string().optional(), 'x5t#S256': z.string().optional() });
const claimsSchema = z.object({ iss: z.string(), sub: z.string(), jti: z.string().optional(), exp: z.number() });

const readHeader = (assertion: string) => {
  try {
    return headerSchema.parse(decodeProtectedHeader(assertion));
  } catch {
    throw FAULTS.assertionMalformed('the header cannot be read.');
  }
};

const findCertificate = (certificates: readonly Certificate[], assertion: string, at: number): Certificate => {
  const { x5t, 'x5t#S256': x5t256 } = readHeader(assertion);
  const known = certificates.find(({ sha1, sha256 }) => (x5t256 === undefined ? sha1 === x5t : sha256 === x5t256));
  if (known === undefined) throw FAULTS.assertionSignature('The key was not found.');
  if (known.endsAt <= at) throw FAULTS.assertionSignature('The key used is expired.');
  if (known.startsAt > at) throw FAULTS.assertionSignature('The key used is not valid yet.');
  return known;
};

const toFault = (error: unknown, audiences: readonly string[]) => {
  if (error instanceof errors.JWTExpired) return FAULTS.assertionTime();
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf' || error.claim === 'exp') return FAULTS.assertionTime();
    if (error.claim === 'aud') return FAULTS.assertionAudience(audiences[0] ?? '');
    return FAULTS.assertionMalformed(error.message);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return FAULTS.assertionSignature('The signature is not valid.');
  if (error instanceof errors.JOSEError || error instanceof z.ZodError)
    return FAULTS.assertionMalformed('a claim is missing or not well formed.');
  return error;
};

/** A JWT signed by a registered certificate, for this endpoint, in its time (RFC 7523). */
export const verifyAssertion = async (
  { clock, signIn }: Pick<World, 'clock' | 'signIn'>,
  {
    assertion,
    clientId,
    certificates,
    audiences,
  }: { assertion: string; clientId: string; certificates: readonly Certificate[]; audiences: readonly string[] },
): Promise<void> => {
  const now = clock.now();
  const { pem } = findCertificate(certificates, assertion, now);
  const claims = await jwtVerify(assertion, new X509Certificate(pem).publicKey, {
    algorithms: ['RS256', 'PS256'],
    audience: [...audiences],
    currentDate: new Date(now),
    requiredClaims: ['exp'],
    // Clocks differ, and MSAL rounds `nbf` up to the next second.
    clockTolerance: 5,
  })
    .then(({ payload }) => claimsSchema.parse(payload))
    .catch((error: unknown) => {
      throw toFault(error, audiences);
    });
  if (claims.iss.toLowerCase() !== clientId || claims.sub.toLowerCase() !== clientId)
    throw FAULTS.assertionSubject(clientId);
  if (!signIn.policy.refuseAssertionReplay) return;
  const key = `${clientId}/${claims.jti ?? ''}`;
  if (claims.jti === undefined || signIn.assertions.has(key)) throw FAULTS.assertionReplayed();
  addEnding(signIn.assertions, key, { entry: { expiresAt: claims.exp * 1000 }, now });
};
