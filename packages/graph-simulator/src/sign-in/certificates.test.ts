import assert from 'node:assert/strict';
import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import 'reflect-metadata';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { SignJWT } from 'jose';
import type { Fields, Scene } from '../../test/sign-in-scene.js';
import { DAY, START, setUpSignIn } from '../../test/sign-in-scene.js';

const ALGORITHM = {
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 },
  publicExponent: new Uint8Array([1, 0, 1]),
};
const { subtle } = globalThis.crypto;

const createCertificate = async (from = START - DAY, to = START + 30 * DAY) => {
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=muster', keys, signingAlgorithm: ALGORITHM },
    ...{ notBefore: new Date(from), notAfter: new Date(to) },
  });
  const key = createPrivateKey(PemConverter.encode(await subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'));
  const thumbprint = (name: string) => createHash(name).update(Buffer.from(certificate.rawData)).digest('base64url');
  return { pem: certificate.toString('pem'), key, sha1: thumbprint('sha1'), sha256: thumbprint('sha256') };
};
type Certificate = Awaited<ReturnType<typeof createCertificate>>;

describe('8.1 and 8.4 a certificate credential', () => {
  let scene: Scene;
  let certificate: Certificate;
  before(async () => {
    certificate = await createCertificate();
  });
  beforeEach(async () => {
    scene = await setUpSignIn();
    const { control, tenant } = scene;
    control.addCertificate(tenant.tenantId, tenant.clientId, { pem: certificate.pem, displayName: 'first' });
  });

  // Without TLS in front of the app its own address begins with http.
  const audience = () => ({ aud: `http://localhost/${scene.tenant.tenantId}/oauth2/v2.0/token` });

  const sign = (
    { key, sha256 }: Certificate,
    {
      header = { 'x5t#S256': sha256 },
      alg = 'PS256',
      claims = {},
    }: { header?: object; alg?: string; claims?: object } = {},
  ) => {
    const { clientId } = scene.tenant;
    const now = scene.clock.now() / 1000;
    const usual = { ...audience(), iss: clientId, sub: clientId, jti: randomUUID(), nbf: now, exp: now + 600 };
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, ...header }).sign(key);
  };
  const askWith = async (assertion: string, change: Fields = {}) => {
    const { status, body } = await scene.ask(
      {
        ...{
          grant_type: 'client_credentials',
          scope: 'https://graph.microsoft.com/.default',
          client_secret: undefined,
        },
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        ...{ client_assertion: assertion, ...change },
      },
      { headers: { host: 'localhost' } },
    );
    return [status, body['error'], (body['error_codes'] as number[] | undefined)?.[0]];
  };
  it('is taken with PS256 and x5t#S256, or with RS256 and x5t', async () => {
    assert.equal((await askWith(await sign(certificate)))[0], 200);
    const older = { header: { x5t: certificate.sha1 }, alg: 'RS256' };
    assert.equal((await askWith(await sign(certificate, older)))[0], 200);
  });

  it('may name the issuer of the tenant as its audience', async () => {
    const claims = { aud: `http://localhost/${scene.tenant.tenantId}/v2.0` };
    assert.equal((await askWith(await sign(certificate, { claims })))[0], 200);
  });

  const seconds = (offset: number) => START / 1000 + offset;
  const refused: [string, () => Promise<string>, number][] = [
    ['of a key that is not registered', async () => sign(await createCertificate()), 700027],
    [
      'of another key under a known thumbprint',
      async () => sign({ ...(await createCertificate()), sha256: certificate.sha256 }),
      700027,
    ],
    ['for another audience', () => sign(certificate, { claims: { aud: 'https://other.example' } }), 700023],
    ['that has expired', () => sign(certificate, { claims: { exp: seconds(-60) } }), 700024],
    ['that is not valid yet', () => sign(certificate, { claims: { nbf: seconds(600) } }), 700024],
    ['of another app', () => sign(certificate, { claims: { sub: randomUUID() } }), 700021],
    ['that is no JWT', () => Promise.resolve('no.jwt.here'), 50027],
  ];
  for (const [name, make, number] of refused)
    it(`${name} is refused with AADSTS${number}`, async () => {
      assert.deepEqual(await askWith(await make()), [401, 'invalid_client', number]);
    });

  it('is refused with AADSTS700027 once the certificate has ended or was removed', async () => {
    const { control, tenant } = scene;
    const ended = await createCertificate(START - 2 * DAY, START - DAY);
    control.addCertificate(tenant.tenantId, tenant.clientId, { pem: ended.pem, displayName: 'ended' });
    assert.deepEqual(await askWith(await sign(ended)), [401, 'invalid_client', 700027]);
    const kept = control
      .describeSignIn(tenant.tenantId)
      .apps[0]!.certificates.find(({ displayName }) => displayName === 'first')!;
    control.removeCertificate(tenant.tenantId, tenant.clientId, kept.keyId);
    assert.deepEqual(await askWith(await sign(certificate)), [401, 'invalid_client', 700027]);
  });

  it('may be used twice, as MSAL does, unless replays are to be refused', async () => {
    const assertion = await sign(certificate);
    assert.equal((await askWith(assertion))[0], 200);
    assert.equal((await askWith(assertion))[0], 200);
    scene.control.setSignInPolicy({ refuseAssertionReplay: true });
    assert.equal((await askWith(assertion))[0], 200);
    assert.deepEqual(await askWith(assertion), [401, 'invalid_client', 50027]);
  });

  it('needs the assertion type of RFC 7523', async () => {
    const assertion = await sign(certificate);
    assert.deepEqual(await askWith(assertion, { client_assertion_type: 'saml' }), [400, 'invalid_request', 9002313]);
  });
});
