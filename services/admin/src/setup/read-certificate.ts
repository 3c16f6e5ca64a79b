import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Problem } from '../http/problem.js';

/** As PEM, both. */
export type TypedCertificate = { certificate: string; privateKey: string };
export type ReadCertificate = { thumbprintSha256: string; privateKey: string; expiresAt: string };

/** Checks that the two belong together and are still good. `privateKey` is PKCS #8, without a passphrase. */
export function readCertificate(pem: TypedCertificate, now: Date): ReadCertificate {
  const certificate = toCertificate(pem.certificate);
  const key = toKey(pem.privateKey);
  if (!certificate.checkPrivateKey(key))
    throw unusable(
      'privateKey',
      'does not belong to the certificate',
      'Paste the key that the certificate was made with.',
    );
  const expiresAt = new Date(certificate.validTo).toISOString();
  if (expiresAt <= now.toISOString())
    throw unusable('certificate', 'has expired', 'Make a new certificate and upload it in Entra.');
  return {
    thumbprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    expiresAt,
  };
}

function toCertificate(text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    // What it is instead may be secret, so it is not repeated.
    throw unusable(
      'certificate',
      'is no X.509 certificate as PEM',
      'Paste all of it, from -----BEGIN CERTIFICATE----- on.',
    );
  }
}

function toKey(text: string): KeyObject {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Falls through: the reason may hold parts of the key.
  }
  throw unusable(
    'privateKey',
    'is no RSA private key as PEM without a passphrase',
    'Paste all of it, from -----BEGIN PRIVATE KEY----- on; Entra takes RSA keys of 2048 bits or more.',
  );
}

const unusable = (field: string, problem: string, cure: string): Problem =>
  new Problem(400, `The body is not usable: ${field}.`, { problems: [{ field, problem, cure }] });
