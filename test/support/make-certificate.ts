import 'reflect-metadata';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';

const ALGORITHM = {
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 },
  publicExponent: new Uint8Array([1, 0, 1]),
};
const DAY = 86_400_000;
const { subtle } = globalThis.crypto;

/** As an admin makes one: RSA, signed by itself, good for a year; both parts as PEM. */
export async function makeCertificate() {
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=muster', keys, signingAlgorithm: ALGORITHM },
    ...{ notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 365 * DAY) },
  });
  const privateKey = PemConverter.encode(await subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: certificate.toString('pem'), privateKey };
}
