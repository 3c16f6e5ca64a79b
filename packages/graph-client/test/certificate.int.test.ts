import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createLogger } from '@muster/telemetry';
import { makeCertificate } from '@muster/test-support';
import { createGraphFactory, type AppCertificate } from '../src/index.js';
import { failureOf } from './collect.js';
import { setUpSignIn, signInAs, type SignInScene } from './sign-in-scene.js';

async function createCertificate(): Promise<AppCertificate & { pem: string }> {
  const { certificate: pem, privateKey } = await makeCertificate();
  const thumbprintSha256 = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
  return { pem, thumbprintSha256, privateKey };
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
