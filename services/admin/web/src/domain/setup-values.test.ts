import assert from 'node:assert/strict';
import {
  EMPTY_SETUP,
  findMissing,
  sayOfField,
  type SetupField,
  type SetupValues,
  toSignInAddress,
} from './setup-values.js';

const now = new Date('2026-11-25T12:00:00Z');
const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';
const full: SetupValues = {
  ...EMPTY_SETUP,
  name: 'Contoso',
  clientId: A,
  tenantId: B,
  clientSecret: 'abc~DEF-secret-value',
  secretExpiresOn: '2028-11-24',
};
const say = (field: SetupField, over: Partial<SetupValues>) => sayOfField(field, { ...full, ...over }, now);

describe('what is typed into the setup', () => {
  it('nobody is told off before typing', () => {
    for (const field of Object.keys(EMPTY_SETUP) as SetupField[])
      if (typeof EMPTY_SETUP[field] === 'string' && EMPTY_SETUP[field] === '')
        assert.equal(sayOfField(field, EMPTY_SETUP, now), null, field);
  });

  it('a secret id pasted for its value is recognised', () => {
    assert.match(say('clientSecret', { clientSecret: A })?.text ?? '', /Secret ID/);
    assert.equal(say('clientSecret', {}), null);
  });

  it('the same id in both fields is a slip of the clipboard', () => {
    assert.equal(say('clientId', { clientId: B })?.state, 'problem');
    assert.equal(say('tenantId', { tenantId: 'contoso.com' })?.state, 'problem');
  });

  it('less than 365 days is remarked on, a passed day refused', () => {
    assert.equal(say('secretExpiresOn', { secretExpiresOn: '2027-05-24' })?.state, 'remark');
    assert.equal(say('secretExpiresOn', { secretExpiresOn: '2027-11-25' })?.state, 'ok');
    assert.equal(say('secretExpiresOn', { secretExpiresOn: '2026-11-24' })?.state, 'problem');
  });

  it('the sign-in address of an integration is beside the redirect URI, also below a path', () => {
    const at = (origin: string) => toSignInAddress(`${origin}/oauth2callback/microsoft`, 'an-id');
    assert.equal(at('https://muster.example'), 'https://muster.example/sign-in/an-id');
    assert.equal(at('https://example.com/muster'), 'https://example.com/muster/sign-in/an-id');
  });

  it('a certificate with its key stands in for a secret', () => {
    const pem = (what: string) => `-----BEGIN ${what}-----\nabc\n-----END ${what}-----`;
    const typed: SetupValues = { ...full, clientSecret: '', secretExpiresOn: '', credential: 'certificate' };
    assert.deepEqual(findMissing(typed, false, now), ['the certificate', 'its private key']);
    const both = { ...typed, certificate: pem('CERTIFICATE'), privateKey: pem('RSA PRIVATE KEY') };
    assert.deepEqual(findMissing(both, false, now), []);
    assert.deepEqual(findMissing({ ...both, privateKey: pem('CERTIFICATE') }, false, now), ['its private key']);
    assert.match(say('privateKey', { privateKey: 'abc' })?.text ?? '', /from -----BEGIN PRIVATE KEY/);
  });

  it('says what is missing; a kept secret need not be typed again', () => {
    assert.deepEqual(findMissing(full, false, now), []);
    const noSecret = { ...full, clientSecret: '', secretExpiresOn: '' };
    assert.equal(findMissing(noSecret, true, now).length, 0);
    assert.equal(findMissing(noSecret, false, now).length, 2);
    assert.deepEqual(findMissing({ ...full, limitByGroup: true }, false, now), ['the group’s Object ID']);
    assert.deepEqual(findMissing({ ...full, userSync: false, mfaVerification: false }, false, now), [
      'at least one feature',
    ]);
  });
});
