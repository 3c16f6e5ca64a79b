import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ZERO_ID } from './ids.js';

/**
 * clientState = version.integration.nonce.mac, so that the receiver proves a notification without a database.
 * The MAC also covers the tenant: a notification that names another tenant fails. 102 characters of Graph's 128
 * (https://learn.microsoft.com/graph/api/resources/subscription).
 */
const VERSION = 'v1';

export type ClientStateSubject = { integrationId: string; tenantId: string };

const toMac = (key: Buffer, integrationId: string, nonce: string, tenantId: string): Buffer =>
  createHmac('sha256', key).update(`${VERSION}.${integrationId}.${nonce}.${tenantId}`).digest();

/** Signs with the newest key. `nonce` is 12 random bytes unless a test says otherwise. */
export function signClientState(
  { integrationId, tenantId }: ClientStateSubject,
  keys: readonly Buffer[],
  nonce: string = randomBytes(12).toString('base64url'),
): string {
  const key = keys[0];
  if (!key) throw new RangeError('no key to sign clientState with: CLIENT_STATE_KEYS is empty');
  return [VERSION, integrationId, nonce, toMac(key, integrationId, nonce, tenantId).toString('base64url')].join('.');
}

/** Names a key without telling it. */
export const toKeyFingerprint = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 16);

export type ClientStateVerdict =
  | { proved: true; integrationId: string; keyIndex: number }
  | { proved: false; reason: 'missing' | 'malformed' | 'forged' };

const SHAPE = /^v1\.([0-9a-f-]{36})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

/** Tries every key of the ring, each in constant time. `keyIndex` > 0 means: signed with an older key. */
export function verifyClientState(clientState: unknown, tenantId: string, keys: readonly Buffer[]): ClientStateVerdict {
  if (clientState === undefined || clientState === null) return { proved: false, reason: 'missing' };
  const match = typeof clientState === 'string' ? SHAPE.exec(clientState) : null;
  if (!match) return { proved: false, reason: 'malformed' };
  const [, integrationId = ZERO_ID, nonce = '', mac = ''] = match;
  const given = Buffer.from(mac, 'base64url');
  let keyIndex = -1;
  for (const [index, key] of keys.entries()) {
    const equal = timingSafeEqual(toMac(key, integrationId, nonce, tenantId), given);
    if (equal && keyIndex < 0) keyIndex = index;
  }
  return keyIndex < 0 ? { proved: false, reason: 'forged' } : { proved: true, integrationId, keyIndex };
}
