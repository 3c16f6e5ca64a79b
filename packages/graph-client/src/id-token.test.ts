import assert from 'node:assert/strict';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWTVerifyGetKey } from 'jose';
import { isFailure } from '@muster/contracts';
import { verifyIdToken } from './id-token.js';

const TENANT = '11111111-1111-4111-8111-111111111111';
const USER = '22222222-2222-4222-8222-222222222222';
const CLIENT = '33333333-3333-4333-8333-333333333333';
const ISSUER = `https://login.example/${TENANT}/v2.0`;
const expected = { issuer: ISSUER, clientId: CLIENT, tenantId: TENANT, nonce: 'nonce-1' };
const claims = { tid: TENANT, oid: USER, nonce: 'nonce-1', preferred_username: 'ada@example.org', name: 'Ada' };

describe('verifyIdToken', () => {
  let keys: JWTVerifyGetKey;
  let sign: (change?: object, standard?: { iss?: string; aud?: string; exp?: string }) => Promise<string>;
  let signOther: () => Promise<string>;

  before(async () => {
    const [ours, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
    keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(ours.publicKey)), kid: 'k', alg: 'RS256' }] });
    const signWith =
      (key: typeof ours.privateKey) =>
      (change: object = {}, { iss = ISSUER, aud = CLIENT, exp = '1h' } = {}) =>
        new SignJWT({ ...claims, ...change })
          .setProtectedHeader({ alg: 'RS256', kid: 'k' })
          .setIssuer(iss)
          .setAudience(aud)
          .setIssuedAt()
          .setExpirationTime(exp)
          .sign(key);
    sign = signWith(ours.privateKey);
    signOther = signWith(other.privateKey);
  });

  const claimOf = async (token: Promise<string>, told = expected): Promise<unknown> => {
    const outcome = await verifyIdToken(await token, keys, told).catch((error: unknown) => error);
    assert.ok(isFailure(outcome), 'was believed');
    assert.deepEqual([outcome.code, outcome.retryable], ['sign-in.untrusted', false]);
    return outcome.details.claim;
  };

  it('tells who signed in', async () => {
    const person = await verifyIdToken(await sign(), keys, expected);
    assert.deepEqual(person, { tenantId: TENANT, userId: USER, username: 'ada@example.org', name: 'Ada' });
  });

  it('believes no token of another issuer, app, tenant or attempt, nor one that has ended', async () => {
    const lies: [Promise<string>, string][] = [
      [sign({}, { iss: 'https://login.example/other/v2.0' }), 'iss'],
      [sign({}, { aud: USER }), 'aud'],
      [sign({ tid: USER }), 'tid'],
      [sign({ nonce: 'nonce-2' }), 'nonce'],
      [sign({ nonce: undefined }), 'nonce'],
      [sign({ oid: undefined }), 'oid'],
      [sign({}, { exp: '-1h' }), 'exp'],
      [signOther(), 'signature'],
      [Promise.resolve('no.token.atall'), 'signature'],
    ];
    for (const [token, claim] of lies) assert.equal(await claimOf(token), claim);
  });

  it('believes no unsigned token', async () => {
    const [, body] = (await sign()).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    assert.equal(await claimOf(Promise.resolve(`${none}.${body!}.`)), 'signature');
  });

  it('takes signing keys that cannot be read for an outage, not for a lie', async () => {
    const away: JWTVerifyGetKey = () => Promise.reject(new TypeError('fetch failed'));
    const outcome = await verifyIdToken(await sign(), away, expected).catch((error: unknown) => error);
    assert.ok(isFailure(outcome));
    assert.deepEqual([outcome.code, outcome.retryable], ['graph.unavailable', true]);
  });
});
