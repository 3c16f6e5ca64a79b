import { SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { World } from '../world.js';

export const toSeconds = (time: number): number => Math.floor(time / 1000);

/** An RS256 token of the tenant, signed by the newest key; `life` in ms. */
export const signToken = (
  { keys, clock }: Pick<World, 'keys' | 'clock'>,
  { claims, audience, issuer, life }: { claims: JWTPayload; audience: string; issuer: string; life: number },
): Promise<string> => {
  const [key] = keys;
  if (key === undefined) throw new Error('there is no signing key');
  const now = toSeconds(clock.now());
  return new SignJWT(claims)
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid })
    .setAudience(audience)
    .setIssuer(issuer)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + toSeconds(life))
    .sign(key.privateKey);
};

export const issuerOf = (origin: string, tenantId: string): string => `${origin}/${tenantId}/v2.0`;
