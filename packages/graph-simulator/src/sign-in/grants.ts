import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { World } from '../world.js';
import { personOf, policyOf } from './directory-roles.js';
import { FAULTS } from './entra-fault.js';
import type { Code, Grant, RefreshToken } from './state.js';
import { addEnding } from './state.js';

const hash = (token: string) => createHash('sha256').update(token).digest('base64url');
const createToken = () => `1.${randomBytes(64).toString('base64url')}`;
type Signer = Pick<World, 'signIn' | 'clock'>;

export const issueCode = ({ signIn, clock }: Signer, grant: Grant & Pick<Code, 'nonce' | 'challenge'>): string => {
  const code = createToken();
  const now = clock.now();
  const entry = { ...grant, expiresAt: now + signIn.lifetimes.code, redeemed: false };
  addEnding(signIn.codes, hash(code), { entry, now });
  return code;
};

export type Redemption = {
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly verifier: string | undefined;
};

const matches = (challenge: string, verifier: string) =>
  createHash('sha256').update(verifier).digest('base64url') === challenge;

/** The grant behind an unused code; nothing is marked yet. */
export const readCode = ({ signIn, clock }: Signer, code: string): Code => {
  const known = signIn.codes.get(hash(code));
  if (known === undefined) throw FAULTS.malformedGrant();
  if (known.redeemed) throw FAULTS.codeRedeemed();
  if (known.expiresAt <= clock.now()) throw FAULTS.codeExpired();
  return known;
};

/** Once only, by the app it was issued to, from the same address, by whoever knows the verifier. */
export const redeemCode = (code: Code, { clientId, redirectUri, verifier }: Redemption): Code => {
  if (code.clientId !== clientId) throw FAULTS.otherClient(clientId);
  if (redirectUri !== undefined && redirectUri !== code.redirectUri) throw FAULTS.otherReplyAddress(redirectUri);
  if (code.isSpa && code.challenge === undefined) throw FAULTS.pkceRequired();
  if (code.challenge !== undefined && (verifier === undefined || !matches(code.challenge, verifier)))
    throw FAULTS.verifier();
  code.redeemed = true;
  return code;
};

const lifeOf = ({ signIn: { lifetimes } }: Signer, { isSpa }: Grant) =>
  isSpa ? lifetimes.spaRefreshToken : lifetimes.refreshToken;

const addRefreshToken = (world: Signer, grant: Grant, { family, expiresAt }: { family: string; expiresAt: number }) => {
  const token = createToken();
  const { tenantId, userId, clientId, scopes, redirectUri, isSpa, signedInAt } = grant;
  const now = world.clock.now();
  const entry: RefreshToken = {
    ...{ tenantId, userId, clientId, scopes, redirectUri, isSpa, signedInAt, family, expiresAt },
    issuedAt: now,
    replacedAt: null,
  };
  addEnding(world.signIn.refreshTokens, hash(token), { entry, now: now - lifeOf(world, grant) });
  return token;
};

export const issueRefreshToken = (world: Signer, grant: Grant): string =>
  addRefreshToken(world, grant, { family: randomUUID(), expiresAt: world.clock.now() + lifeOf(world, grant) });

/** Whether the person's grants from that time were revoked. */
export const requireNotRevoked = ({ signIn }: Signer, grant: Grant, issuedAt: number): void => {
  const { revokedAt, publicRevokedAt } = personOf(signIn, grant.tenantId, grant.userId);
  const validFrom = Math.max(revokedAt ?? -Infinity, grant.isSpa ? (publicRevokedAt ?? -Infinity) : -Infinity);
  if (issuedAt <= validFrom) throw FAULTS.revoked(issuedAt, validFrom);
};

/** Takes tokens back; they are kept, so that whoever still uses one is told so. */
export const revokeRefreshTokens = (
  { refreshTokens }: Signer['signIn'],
  isMeant: (token: RefreshToken) => boolean,
): void => {
  for (const token of refreshTokens.values()) if (isMeant(token)) token.revoked = true;
};

const requireFresh = (world: Signer, token: RefreshToken) => {
  const now = world.clock.now();
  const { issuedAt, expiresAt, isSpa, replacedAt } = token;
  if (expiresAt <= now)
    throw (isSpa ? FAULTS.spaRefreshExpired : FAULTS.refreshExpired)(issuedAt, lifeOf(world, token));
  if (token.revoked) throw FAULTS.refreshRevoked();
  requireNotRevoked(world, token, issuedAt);
  const frequency = policyOf(world.signIn, token.tenantId).signInFrequency;
  if (frequency !== null && now >= token.signedInAt + frequency)
    throw FAULTS.signInFrequency(token.signedInAt, frequency);
  if (replacedAt === null || now < replacedAt + world.signIn.lifetimes.replacedRefreshToken) return;
  // A replaced token in use again may be stolen: nobody keeps what came of it (RFC 9700, 4.14).
  revokeRefreshTokens(world.signIn, ({ family }) => family === token.family);
  throw FAULTS.refreshReplaced();
};

export const readRefreshToken = (world: Signer, { token, clientId }: { token: string; clientId: string }) => {
  const known = world.signIn.refreshTokens.get(hash(token));
  if (known === undefined) throw FAULTS.malformedGrant();
  if (known.clientId !== clientId) throw FAULTS.otherClient(clientId);
  requireFresh(world, known);
  return known;
};

/** Each use gives a new one; its 90 days begin anew, except those of a single-page app. */
export const replaceRefreshToken = (world: Signer, token: RefreshToken, scopes: readonly string[]): string => {
  const now = world.clock.now();
  token.replacedAt ??= now;
  const expiresAt = token.isSpa ? token.expiresAt : now + lifeOf(world, token);
  return addRefreshToken(world, { ...token, scopes }, { family: token.family, expiresAt });
};
