import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPassword, isPasswordHash } from '@muster/contracts';
import { run } from './run.js';

type Said = { code: number; out: string; complaints: string };

async function type(argv: string[], env: Record<string, string> = {}, stdin: string | null = null): Promise<Said> {
  const [out, complaints]: [string[], string[]] = [[], []];
  const code = await run(argv, {
    env: { MUSTER_API_KEY: 'key', ...env },
    cwd: '/',
    out: (line) => out.push(line),
    complain: (line) => complaints.push(line),
    readStdin: () => Promise.resolve(stdin),
  });
  return { code, out: out.join('\n'), complaints: complaints.join('\n') };
}

describe('muster at the terminal', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function answering(status: number, body: string): Promise<string> {
    server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('help needs no key and ends with 0', async () => {
    const { code, out } = await type(['users', '--help'], { MUSTER_API_KEY: '' });
    assert.equal(code, 0);
    assert.match(out, /--mfa <state>/);
  });

  it('a break-glass password becomes the hash that admin takes, and a short one does not', async () => {
    const { code, out } = await type(['break-glass'], {}, 'correct horse battery staple\n');
    const [name, hash = ''] = out.split('=', 2);
    assert.deepEqual([code, name, isPasswordHash(hash)], [0, 'BREAK_GLASS_HASH', true]);
    assert.equal(await isPassword('correct horse battery staple', out.slice('BREAK_GLASS_HASH='.length)), true);
    const short = await type(['break-glass'], {}, 'short\n');
    assert.deepEqual([short.code, short.out], [1, '']);
  });

  it('a wrong option ends with 2', async () => {
    const { code, complaints } = await type(['users', '--status', 'gone']);
    assert.equal(code, 2);
    assert.match(complaints, /Allowed choices are active/);
  });

  it('nobody at the address: one line that says how to start', async () => {
    const origin = await answering(200, '');
    await new Promise((resolve) => server?.close(resolve));
    const { code, complaints } = await type(['status'], { MUSTER_URL: origin });
    assert.equal(code, 1);
    assert.equal(complaints, `muster: Nothing answers at ${origin}. Is Muster running? ./scripts/start`);
  });

  it('another server at the address is recognised', async () => {
    const { code, complaints } = await type(['status'], { MUSTER_URL: await answering(200, '<html>') });
    assert.equal(code, 1);
    assert.match(complaints, /answers, but not as Muster does\. Check MUSTER_URL\.$/);
  });

  it('a problem of the API is told with its field and cure', async () => {
    const problems = [{ field: 'clientSecret', problem: 'is a GUID', cure: 'Paste the Value.' }];
    const body = JSON.stringify({ title: 't', detail: 'd', problems });
    const argv = [
      'integrations',
      'create',
      '--name',
      'A',
      '--tenant-id',
      't',
      '--client-id',
      'c',
      '--secret-expires',
      '2030-01-01',
    ];
    const { code, complaints } = await type(argv, { MUSTER_URL: await answering(400, body) }, 'hush\n');
    assert.equal(code, 1);
    assert.equal(complaints, 'muster: clientSecret is a GUID. Paste the Value.');
  });

  it('a plan is not answered for people whom nobody saw: it says how many it is about', async () => {
    const counts = { waiting: 350, allowed: 0, refused: 2, removed: 0 };
    const at = '2026-01-01T00:20:00.000Z';
    const plan = {
      ...{ planId: 'p1', integrationId: 'i', state: 'waiting', reason: 'too many', counts },
      ...{ createdAt: at, updatedAt: at },
    };
    const MUSTER_URL = await answering(200, JSON.stringify({ items: [], nextCursor: null, plan }));
    for (const verb of ['allow', 'refuse']) {
      const { code, complaints } = await type(['plans', verb, 'p1'], { MUSTER_URL });
      assert.equal(code, 1);
      assert.equal(
        complaints,
        `muster: Nothing was done. p1 is about 350 people as of ${at}. ` +
          `Look at them: muster plans people p1. Then: muster plans ${verb} p1 --seen-at ${at}`,
      );
    }
  });

  it('an integration is removed only with its name typed back, or --yes; else it says which one it would be', async () => {
    const integration = {
      ...{ integrationId: 'i1', name: "Contoso'; ls '", tenantId: 't1', state: 'active', groupId: null, secret: null },
      ...{ features: { userSync: true, mfaVerification: true }, revision: 7 },
    };
    const asked: (string | undefined)[][] = [];
    server = createServer(({ method, url, headers }, response) => {
      asked.push([method, url, headers['if-match']]);
      if (method === 'DELETE') response.writeHead(204).end();
      else response.end(JSON.stringify(integration));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const MUSTER_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const remove = (...options: string[]) => type(['integrations', 'remove', 'i1', ...options], { MUSTER_URL });
    for (const options of [[], ['--name', 'Fabrikam'], ['--name', 'Fabrikam', '--yes'], ['--name', '']]) {
      const { code, out, complaints } = await remove(...options);
      assert.deepEqual([code, out], [1, ''], options.join(' '));
      assert.equal(
        complaints,
        `muster: Nothing was removed. i1 is ${integration.name} (active) of tenant t1. ` +
          'There is no way back. Type its name: muster integrations remove i1 --name …',
      );
    }
    assert.deepEqual(new Set(asked.map(([method]) => method)), new Set(['GET']));
    for (const options of [['--yes'], ['--name', integration.name], ['--yes', '--json']]) {
      asked.length = 0;
      const { code, out } = await remove(...options);
      const told = { integrationId: 'i1', name: integration.name, tenantId: 't1', state: 'removed' };
      if (options.includes('--json')) assert.deepEqual(JSON.parse(out), told);
      else assert.equal(out, `${integration.name} is removed.`);
      const path = '/api/v1/integrations/i1';
      assert.deepEqual(
        [code, asked],
        [
          0,
          [
            ['GET', path, undefined],
            ['DELETE', path, '"7"'],
          ],
        ],
      );
    }
  });

  it('a dry run of a file says by name who would gain and who would lose', async () => {
    const ada = { userId: '1', displayName: 'Ada', userPrincipalName: 'ada@contoso.test' };
    const scope = {
      ...{ inScope: 3, complete: true, notes: ['Guests stay outside.'] },
      gain: { count: 3, sample: [ada, { ...ada, displayName: null }] },
      lose: { count: 0, sample: [] },
    };
    const item = { tenantId: 't', integrationId: 'i', outcome: 'changed', changes: ['groupId'], problem: null, scope };
    const untold = { ...item, tenantId: 'u', problem: 'Who gains cannot be told: no group.', scope: null };
    const mfaAlone = { ...item, tenantId: 'v', scope: { ...scope, inScope: null, notes: ['Whom the report names.'] } };
    const answer = JSON.stringify({ ok: true, dryRun: true, items: [item, untold, mfaAlone] });
    const { code, out } = await type(
      ['apply', '-', '--dry-run'],
      { MUSTER_URL: await answering(200, answer) },
      'integrations: []',
    );
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n').slice(-8), [
      't: 3 would be in scope',
      '  3 would gain: Ada, ada@contoso.test, and 1 more',
      '  0 would lose',
      '  Guests stay outside.',
      'u: Who gains cannot be told: no group.',
      'v: nobody is read',
      '  Whom the report names.',
      'Nothing was changed.',
    ]);
  });

  it('a secret comes by stdin or environment; without one nothing is sent', async () => {
    const argv = [
      'integrations',
      'create',
      '--name',
      'A',
      '--tenant-id',
      't',
      '--client-id',
      'c',
      '--secret-expires',
      '2030-01-01',
    ];
    const { code, complaints } = await type(argv);
    assert.equal(code, 1);
    assert.match(complaints, /There is no client secret\. Pipe it in/);
  });
});
