import assert from 'node:assert/strict';
import type { MailTarget } from './api-types.js';
import { EMPTY_MAIL, toMailBody, toMailValues, toTargetsBody } from './alert-targets.js';

const MAIL: MailTarget = {
  host: 'smtp.example.com',
  port: 465,
  security: 'tls',
  user: 'muster',
  hasPassword: true,
  from: 'muster@example.com',
  to: ['it@example.com', 'ops@example.com'],
};

describe('targets of alerts', () => {
  it('what is kept goes back as it was, without its secrets', () => {
    const { hasPassword: _, ...mail } = MAIL;
    assert.deepEqual(toMailBody(toMailValues(MAIL)), mail);
    const webhook = { address: 'https://example.com/…hook', hasSecret: true } as const;
    assert.deepEqual(toTargetsBody({ webhook, email: MAIL, updatedAt: null }), {
      webhook: {},
      email: mail,
    });
    assert.deepEqual(toTargetsBody({ webhook: null, email: null, updatedAt: null }), { webhook: null, email: null });
  });

  it('addresses may be typed with commas, semicolons or lines between; no user is none', () => {
    const body = toMailBody({ ...EMPTY_MAIL, to: 'a@b.c, d@e.f;\n g@h.i ', user: '  ', password: 'p' });
    assert.deepEqual(body['to'], ['a@b.c', 'd@e.f', 'g@h.i']);
    assert.deepEqual([body['user'], body['password'], body['port'], body['security']], [null, 'p', 587, 'starttls']);
  });
});
