import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import 'reflect-metadata';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { createLogger } from '@muster/telemetry';
import { createGraphFactory, type AppCertificate } from '../src/index.js';
import { failureOf } from './collect.js';
import { setUpSignIn, signInAs, type SignInScene } from './sign-in-scene.js';

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

async function createCertificate(): Promise<AppCertificate & { pem: string }> {
  const { subtle } = globalThis.crypto;
  const keys = await subtle.generateKey(RSA, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=muster', keys, signingAlgorithm: RSA },
    ...{ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) },
  });
  return {
    pem: certificate.toString('pem'),
    thumbprintSha256: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
    privateKey: PemConverter.encode(await subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
  };
}

describe('an app that proves itself by certificate', () => {
  let scene: SignInScene;
  const connect = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) });
  const withCertificate = ({ thumbprintSha256, privateKey }: AppCertificate) => {
    const { tenantId, clientId, graphUrl, loginUrl } = scene.credentials;
    return { tenantId, clientId, graphUrl, loginUrl, certificate: { thumbprintSha256, privateKey } };
  };
  before(async () => {
    scene = await setUpSignIn();
  });
  after(() => scene.stop());

  it('reads Graph and signs people in, without a secret', async () => {
    const certificate = await createCertificate();
    const { tenantId, clientId } = scene.tenant;
    scene.simulator.control.addCertificate(tenantId, clientId, { pem: certificate.pem, displayName: 'first' });
    assert.equal(await connect(withCertificate(certificate)).countUsers(), 20);
    const { person } = await signInAs(withCertificate(certificate), scene.person);
    assert.equal(person.userId, scene.person.id);
  });

  it('is refused by a certificate that the app does not list (700027), and says what to do', async () => {
    const { code, details, message } = await failureOf(
      connect(withCertificate(await createCertificate())).countUsers(),
    );
    assert.deepEqual([code, details.aadsts], ['token.refused', 700_027]);
    assert.match(message, /Certificates & secrets/);
    assert.doesNotMatch(message, /PRIVATE KEY/);
  });
});
