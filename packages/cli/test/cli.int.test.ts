import assert from 'node:assert/strict';
import { createResources, eventually, testServers } from '@muster/test-support';
import { startAdminProcess, type AdminProcess } from './admin-process.js';

const TENANT = '11111111-1111-4111-8111-111111111111';
const CREATE = ['integrations', 'create', '--name', 'Contoso', '--tenant-id', TENANT, '--client-id', TENANT];

describe('muster at the terminal, against a running admin service', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('cli', mongodbUri);
  let admin: AdminProcess;

  before(async function () {
    this.timeout(60_000);
    admin = await startAdminProcess(kafkaBrokers, resources);
    await eventually(admin.isReady, { within: 50_000, every: 100, what: 'admin is ready' });
  });
  after(async function () {
    this.timeout(60_000);
    assert.equal(await admin.stop(), 0);
    await resources.remove();
  });

  const type: AdminProcess['type'] = (argv, options) => admin.type(argv, options);

  it('an empty system: status, users and dead letters say so', async () => {
    const status = await type(['status']);
    assert.equal(status.code, 0, status.complaints);
    assert.match(status.out, /Dead letters {2}0/);
    assert.match(status.out, /No tenant is connected yet/);
    assert.equal((await type(['users'])).out, 'Nobody fits.');
    assert.match((await type(['dead-letters'])).out, /every message was handled/);
    const reconcile = await type(['reconcile']);
    assert.deepEqual([reconcile.code, reconcile.complaints.includes('No integration is active.')], [1, true]);
  });

  it('create, start, reconcile, pause; the secret comes by stdin and is never shown', async () => {
    const create = [...CREATE, '--secret-expires', '2099-01-31', '--no-mfa'];
    const created = await type(create, { stdin: 'the-very-secret-value\n' });
    assert.equal(created.code, 0, created.complaints);
    const id = /draft: (\S+)/.exec(created.out)?.[1] ?? '';
    assert.match((await type(['integrations', 'start', id])).out, /^Contoso is active\.$/);
    assert.equal((await type(['reconcile', '--kind', 'users'])).out, `${id}: users asked for.`);
    assert.match((await type(['reconcile', id, '--kind', 'mfa'])).complaints, /mfaVerification is off/);
    assert.match(
      (await type(['reconcile', '--kind', 'mfa'])).complaints,
      /No active integration has MFA Verification on/,
    );
    assert.match((await type(['integrations', 'pause', id])).out, /^Contoso is paused\.$/);
    const listed = await type(['integrations', '--json']);
    const { items } = JSON.parse(listed.out) as { items: { integrationId: string; state: string }[] };
    assert.deepEqual(
      items.map(({ integrationId, state }) => [integrationId, state]),
      [[id, 'paused']],
    );
    assert.ok(!listed.out.includes('very-secret'));
  });

  it('remove takes the name typed back; afterwards the tenant is free for another, and once more removes nothing', async () => {
    const tenantId = '55555555-5555-4555-8555-555555555555';
    const create = ['integrations', 'create', '--name', 'Fabrikam Ltd', '--tenant-id', tenantId];
    const again = [...create, '--client-id', TENANT, '--secret-expires', '2099-01-31'];
    const created = await type(again, { stdin: 'the-very-secret-value\n' });
    const id = /draft: (\S+)/.exec(created.out)?.[1] ?? '';
    const remove = ['integrations', 'remove', id];
    for (const options of [[], ['--name', 'Contoso']]) {
      const { code, complaints } = await type([...remove, ...options]);
      assert.equal(code, 1);
      assert.match(
        complaints,
        new RegExp(`Nothing was removed\\. ${id} is Fabrikam Ltd \\(draft\\) of tenant ${tenantId}`),
      );
    }
    assert.match((await type(['integrations'])).out, new RegExp(id));
    const removed = await type([...remove, '--name', 'Fabrikam Ltd']);
    assert.deepEqual([removed.code, removed.out, removed.complaints], [0, 'Fabrikam Ltd is removed.', '']);
    assert.doesNotMatch((await type(['integrations'])).out, new RegExp(id));
    assert.equal((await type(remove)).out, 'Fabrikam Ltd is removed.');
    const { complaints } = await type(['integrations', 'start', id]);
    assert.match(complaints, /This integration was removed/);
    const next = /draft: (\S+)/.exec((await type(again, { stdin: 'the-very-secret-value\n' })).out)?.[1] ?? '';
    const { out } = await type(['integrations', 'remove', next, '--yes', '--json']);
    assert.deepEqual(JSON.parse(out), { integrationId: next, name: 'Fabrikam Ltd', tenantId, state: 'removed' });
    assert.match((await type(['integrations', 'remove', TENANT, '--yes'])).complaints, /no integration with this id/);
  });

  it('a file is applied with secrets from the environment; again it changes nothing; then a second secret beside', async () => {
    const tenantId = '22222222-2222-4222-8222-222222222222';
    const file = [
      'integrations:',
      `  - tenantId: ${tenantId}`,
      `    clientId: ${TENANT}`,
      '    name: From a file',
      '    clientSecret: ${FILE_SECRET}',
      '    secretExpiresAt: 2099-01-31T00:00:00Z',
    ].join('\n');
    const unset = await type(['apply', '-'], { stdin: file });
    assert.deepEqual([unset.code, /FILE_SECRET/.test(unset.complaints)], [1, true]);
    const env = { FILE_SECRET: 'the-secret-of-the-file' };
    const dry = await type(['apply', '-', '--dry-run'], { stdin: file, env });
    assert.match(dry.out, /created[^]*Nothing was changed/);
    const applied = await type(['apply', '-'], { stdin: file, env });
    assert.equal(applied.code, 0, applied.complaints);
    const id = new RegExp(`${tenantId} +(\\S+) +created`).exec(applied.out)?.[1] ?? '';
    assert.match((await type(['apply', '-'], { stdin: file, env })).out, /unchanged/);
    const entered = await type(['secrets', 'enter', id, '--secret-expires', '2099-01-31'], {
      stdin: 'another-secret-9',
    });
    assert.equal(entered.code, 0, entered.complaints);
    assert.match(entered.out, /Next: muster secrets use \S+ b/);
    const listed = await type(['secrets', 'list', id]);
    assert.match(listed.out, /a +file .*in use[^]*b +et-9/);
    assert.match((await type(['secrets', 'remove', id, 'b'])).out, /a +file/);
    assert.match((await type(['keys', 'rotate'])).out, /^0 sealed anew/);
    for (const { out, complaints } of [dry, applied, entered, listed])
      assert.doesNotMatch(out + complaints, /the-secret-of|another-secret/);
  });

  it('what the service refuses is told with its cure', async () => {
    const stdin = '44444444-4444-4444-8444-444444444444';
    const { code, complaints } = await type([...CREATE, '--secret-expires', '2099-01-31'], { stdin });
    assert.equal(code, 1);
    assert.match(complaints, /^muster: clientSecret .*Paste the secret's Value/);
    assert.match((await type(['users', 'show', 'anna'])).complaints, /userId .*GUID/);
    assert.match((await type(['status'], { key: 'wrong' })).complaints, /The API key is not known/);
  });
});
