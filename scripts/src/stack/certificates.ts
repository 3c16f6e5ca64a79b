// The X.509 library's dependency injection looks for it when it is loaded.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;
const LIFETIME_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;

export type TlsFiles = { readonly caFile: string; readonly certFile: string; readonly keyFile: string };

const filesIn = (folder: string): TlsFiles => ({
  caFile: join(folder, 'ca.pem'),
  certFile: join(folder, 'cert.pem'),
  keyFile: join(folder, 'key.pem'),
});

function isUsable({ caFile, certFile, keyFile }: TlsFiles, now: Date): boolean {
  if (![caFile, certFile, keyFile].every((file) => existsSync(file))) return false;
  const until = new x509.X509Certificate(readFileSync(certFile, 'utf8')).notAfter.getTime();
  return until - now.getTime() > RENEW_BEFORE_DAYS * DAY;
}

const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

async function issueAuthority(validity: { notBefore: Date; notAfter: Date }) {
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: 'CN=Muster development authority',
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return { keys, certificate };
}

/** A leaf, signed by an authority whose key is thrown away: nothing else can ever be signed by it. */
async function issue(files: TlsFiles, { names = [], now }: CertificateOptions): Promise<void> {
  const validity = {
    notBefore: new Date(now.getTime() - DAY),
    notAfter: new Date(now.getTime() + LIFETIME_DAYS * DAY),
  };
  const authority = await issueAuthority(validity);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const leaf = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: 'CN=localhost',
    issuer: authority.certificate.subject,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...['localhost', ...names].map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  });
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  writeFileSync(files.keyFile, `${x509.PemConverter.encode(privateKey, 'PRIVATE KEY')}\n`, { mode: 0o600 });
  writeFileSync(files.certFile, `${leaf.toString('pem')}\n`);
  writeFileSync(files.caFile, `${trustedAlready()}${authority.certificate.toString('pem')}\n`);
}

/** NODE_EXTRA_CA_CERTS holds one file: what the machine already trusts by it has to be in ours too. */
function trustedAlready(): string {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  return file && existsSync(file) ? `${readFileSync(file, 'utf8').trimEnd()}\n` : '';
}

export type CertificateOptions = {
  readonly now: Date;
  /** Host names beside localhost. */
  readonly names?: readonly string[];
};

/** The certificates of the local servers, made once and renewed a month before they end. */
export async function loadCertificates(folder: string, options: CertificateOptions): Promise<TlsFiles> {
  mkdirSync(folder, { recursive: true });
  const files = filesIn(folder);
  if (!isUsable(files, options.now)) await issue(files, options);
  return files;
}
