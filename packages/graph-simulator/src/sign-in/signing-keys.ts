import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';

/** A key pair that signs tokens, as it is kept in the state file. */
export type KeptKey = { readonly kid: string; readonly pem: string };
export type SigningKey = KeptKey & { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** Newest first; the first one signs, all are published. */
export type SigningKeys = SigningKey[];

export const createKey = (): KeptKey => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: randomUUID().replaceAll('-', ''), pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
};

export const openKey = (kept: KeptKey): SigningKey => {
  const privateKey = createPrivateKey(kept.pem);
  return { ...kept, privateKey, publicKey: createPublicKey(privateKey) };
};

export const toJwks = (keys: SigningKeys) => ({
  keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' })),
});
