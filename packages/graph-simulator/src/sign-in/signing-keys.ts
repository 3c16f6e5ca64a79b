import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';

/** A key pair that signs tokens, as it is kept in the state file. */
export type KeptKey = { readonly kid: string; readonly pem: string; readonly publishedUntil?: number };
export type SigningKey = KeptKey & { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** Newest first; the first one signs, the others stay published for a while. */
export type SigningKeys = SigningKey[];

export const createKey = (): KeptKey => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: randomUUID().replaceAll('-', ''), pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
};

export const openKey = (kept: KeptKey): SigningKey => {
  const privateKey = createPrivateKey(kept.pem);
  return { ...kept, privateKey, publicKey: createPublicKey(privateKey) };
};

export const publishedKeys = (keys: SigningKeys, now: number): SigningKeys =>
  keys.filter(({ publishedUntil }) => publishedUntil === undefined || publishedUntil > now);

/** A new key signs from now on; those before it are published until `publishedUntil`, so that clients can follow. */
export const rotateKeys = (keys: SigningKeys, publishedUntil: number): SigningKey => {
  const key = openKey(createKey());
  const before = keys.map((old) => ({ ...old, publishedUntil: old.publishedUntil ?? publishedUntil }));
  keys.splice(0, keys.length, key, ...before);
  return key;
};

export const toJwks = (keys: SigningKeys, now: number) => ({
  keys: publishedKeys(keys, now).map(({ kid, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    use: 'sig',
    alg: 'RS256',
  })),
});
