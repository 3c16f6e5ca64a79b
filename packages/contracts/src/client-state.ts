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

type Read = { integrationId: string; nonce: string; mac: Buffer };

function read(clientState: unknown): Read | 'missing' | 'malformed' {
  if (clientState === undefined || clientState === null) return 'missing';
  const match = typeof clientState === 'string' ? SHAPE.exec(clientState) : null;
  if (!match) return 'malformed';
  const [, integrationId = ZERO_ID, nonce = '', mac = ''] = match;
  return { integrationId, nonce, mac: Buffer.from(mac, 'base64url') };
}

/** Index of the key that signed it, -1 when none did. Tries every key of the ring, each in constant time. */
function findKey({ integrationId, nonce, mac }: Read, tenantId: string, keys: readonly Buffer[]): number {
  let keyIndex = -1;
  for (const [index, key] of keys.entries()) {
    const equal = timingSafeEqual(toMac(key, integrationId, nonce, tenantId), mac);
    if (equal && keyIndex < 0) keyIndex = index;
  }
  return keyIndex;
}

const toVerdict = (keyIndex: number, { integrationId }: Read): ClientStateVerdict =>
  keyIndex < 0 ? { proved: false, reason: 'forged' } : { proved: true, integrationId, keyIndex };

/** `keyIndex` > 0 means: signed with an older key. */
export function verifyClientState(clientState: unknown, tenantId: string, keys: readonly Buffer[]): ClientStateVerdict {
  const given = read(clientState);
  if (typeof given === 'string') return { proved: false, reason: given };
  return toVerdict(findKey(given, tenantId, keys), given);
}

/** Subscriptions of so many integrations, a few each, come to one receiver. */
const MOST_REMEMBERED = 20_000;

/**
 * The same for who verifies all the time: a subscription's clientState stays as it is for months, so the MAC of one that
 * was proved is remembered, which saves its computation; it is compared in constant time all the same.
 */
export function createClientStateVerifier(
  keys: readonly Buffer[],
  mostRemembered = MOST_REMEMBERED,
): (clientState: unknown, tenantId: string) => ClientStateVerdict {
  const remembered = new Map<string, { mac: Buffer; keyIndex: number }>();
  return (clientState, tenantId) => {
    const given = read(clientState);
    if (typeof given === 'string') return { proved: false, reason: given };
    const subject = `${given.integrationId}.${given.nonce}.${tenantId}`;
    const known = remembered.get(subject);
    if (known && timingSafeEqual(known.mac, given.mac)) return toVerdict(known.keyIndex, given);
    const keyIndex = findKey(given, tenantId, keys);
    if (keyIndex >= 0) {
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(subject, { mac: given.mac, keyIndex });
    }
    return toVerdict(keyIndex, given);
  };
}
