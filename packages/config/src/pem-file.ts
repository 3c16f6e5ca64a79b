import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { z } from 'zod';

/** A PEM file, read when the environment is: it prints as its path; `reveal()` gives what is in it. */
export class PemFile {
  readonly #pem: string;

  constructor(
    readonly path: string,
    pem: string,
  ) {
    this.#pem = pem;
  }

  reveal(): string {
    return this.#pem;
  }

  toString(): string {
    return this.path;
  }

  toJSON(): string {
    return this.path;
  }

  [inspect.custom](): string {
    return this.path;
  }
}

const KINDS = {
  certificate: { examine: (pem: string) => new X509Certificate(pem), what: 'a certificate in PEM' },
  key: { examine: (pem: string) => createPrivateKey(pem), what: 'a private key in PEM without a passphrase' },
} as const;

/** The path of a file that has to be there and hold what it should: told at start, not by the first connection. */
export const pemFile = (kind: keyof typeof KINDS) =>
  z.string().transform((path, context) => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    let pem: string;
    try {
      pem = readFileSync(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      return refuse(`names a file that cannot be read (${code}): ${path}; correct the path or its rights`);
    }
    try {
      KINDS[kind].examine(pem);
    } catch {
      return refuse(`names a file that does not hold ${KINDS[kind].what}: ${path}`);
    }
    return new PemFile(path, pem);
  });
