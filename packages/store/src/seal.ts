import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Failure } from '@muster/contracts';

/** Opens and closes secrets at rest: AES-256-GCM, a random 96-bit IV each time (NIST SP 800-38D, 8.2.2). */
export type Sealer = {
  /** Seals with the newest key. `context` says whose secret it is; the same is needed to open it. */
  seal: (text: string, context: string) => string;
  /** Rejects with Failure `seal.unknown-key` or `seal.broken`; neither says anything of the text. */
  open: (sealed: string, context: string) => string;
  /** True when it was sealed with an older key of the ring. */
  isOutdated: (sealed: string) => boolean;
};

const VERSION = 's1';
const SHAPE = /^s1\.([0-9a-f]{12})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;
const TAG_BYTES = 16;

const toKeyId = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 12);

/** `keys` newest first, 32 bytes each. */
export function createSealer(keys: readonly Buffer[]): Sealer {
  const ring = new Map(keys.map((key) => [toKeyId(key), key]));
  const newest = keys[0];
  if (!newest) throw new RangeError('no key to seal with: MUSTER_KEYS is empty');
  const newestId = toKeyId(newest);
  return {
    seal: (text, context) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', newest, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, newestId, iv.toString('base64url'), body.toString('base64url')].join('.');
    },
    open: (sealed, context) => openWith(ring, sealed, context),
    isOutdated: (sealed) => SHAPE.exec(sealed)?.[1] !== newestId,
  };
}

function openWith(ring: ReadonlyMap<string, Buffer>, sealed: string, context: string): string {
  const [, keyId, iv = '', text = ''] = SHAPE.exec(sealed) ?? [];
  if (keyId === undefined) throw broken('has not the form of a sealed secret');
  const key = ring.get(keyId);
  if (!key) {
    throw new Failure(
      'seal.unknown-key',
      'the secret was sealed with a key that MUSTER_KEYS no longer holds; add that key again',
      {
        retryable: false,
        details: { keyId },
      },
    );
  }
  const body = Buffer.from(text, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context))
      .setAuthTag(body.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw broken('was changed, or belongs to another integration or field');
  }
}

const broken = (problem: string): Failure =>
  new Failure('seal.broken', `a sealed secret ${problem}; enter it again`, { retryable: false });
