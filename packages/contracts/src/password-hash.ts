import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MiB and about 0.1 s a try. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const COST = { log2N: 15, r: 8, p: 3 };
const HASH_BYTES = 32;
const SHAPE = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w-]{22,}):([\w-]{43})$/;

const derive = (password: string, salt: Buffer, { log2N, r, p }: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const N = 2 ** log2N;
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });

/** One line without `$`, so that it survives `.env` files: `scrypt:15:8:3:{salt}:{hash}`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.log2N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join(':');
}

export const isPasswordHash = (text: string): boolean => {
  const [, log2N, r, p] = SHAPE.exec(text) ?? [];
  // Costs that this process can pay, and nobody else's too cheap ones.
  return Number(log2N) >= 14 && Number(log2N) <= 18 && Number(r) === 8 && Number(p) >= 1 && Number(p) <= 8;
};

/** In constant time for hashes of the same cost. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, log2N, r, p, salt = '', wanted = ''] = SHAPE.exec(hash) ?? [];
  if (!isPasswordHash(hash)) return false;
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  return timingSafeEqual(
    await derive(password, Buffer.from(salt, 'base64url'), cost),
    Buffer.from(wanted, 'base64url'),
  );
}
