import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export type LocalTls = { readonly ca: string; readonly cert: string; readonly key: string };

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;
const { subtle } = globalThis.crypto;
const serial = () => Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(15))).toString('hex');
const createKeys = () => subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** A throw-away authority and a certificate of it for this machine; the authority's key is not kept. */
export const createLocalTls = async (now: number, days = 365): Promise<LocalTls> => {
  const life = { notBefore: new Date(now - DAY), notAfter: new Date(now + days * DAY), signingAlgorithm: ALGORITHM };
  const [authorityKeys, serverKeys] = await Promise.all([createKeys(), createKeys()]);
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...life,
    serialNumber: serial(),
    name: 'CN=Graph simulator throw-away authority',
    keys: authorityKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    ...life,
    serialNumber: serial(),
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const key = PemConverter.encode(await subtle.exportKey('pkcs8', serverKeys.privateKey), 'PRIVATE KEY');
  return { ca: authority.toString('pem'), cert: certificate.toString('pem'), key };
};

/** Those of the last start, or new ones when there are none or they end within a day. */
export const keepLocalTls = async (folder: string, now: number): Promise<LocalTls & { readonly caFile: string }> => {
  const file = (name: string) => join(folder, `simulator-${name}.pem`);
  const caFile = file('ca');
  if (['ca', 'cert', 'key'].every((name) => existsSync(file(name)))) {
    const [ca, cert, key] = await Promise.all(['ca', 'cert', 'key'].map((name) => readFile(file(name), 'utf8')));
    if (ca && cert && key && new X509Certificate(cert).notAfter.getTime() > now + DAY) return { ca, cert, key, caFile };
  }
  const made = await createLocalTls(now);
  await mkdir(folder, { recursive: true });
  await writeFile(caFile, made.ca);
  await writeFile(file('cert'), made.cert);
  await writeFile(file('key'), made.key, { mode: 0o600 });
  return { ...made, caFile };
};
