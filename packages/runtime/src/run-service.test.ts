import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@muster/test-support';

/** A service of its own process, so that signals and exit codes are the real ones. */
function startFixture(mode: string, env: Record<string, string> = {}) {
  const fixture = fileURLToPath(new URL('./run-service.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@muster/source', '--import', 'tsx', fixture], {
    env: { ...process.env, PORT: '0', MODE: mode, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  const waiters: (() => void)[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
    for (const waiter of waiters.splice(0)) waiter();
  });
  const seen = async (message: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = lines.find((candidate) => candidate.msg === message);
      if (line) return line;
      await new Promise<void>((resolve) => waiters.push(resolve));
    }
  };
  const exited = once(child, 'exit').then(([code]) => code as number);
  return { child, seen, exited, messages: () => lines.map((line) => String(line.msg)) };
}

describe('runService', () => {
  it('answers health, readiness and metrics, and on SIGTERM stops in order and exits 0', async () => {
    const service = startFixture('fine');
    const { port } = await service.seen('service ready');
    const origin = `http://127.0.0.1:${String(port)}`;
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    assert.equal((await fetch(`${origin}/readyz`)).status, 200);
    assert.match(await (await fetch(`${origin}/metrics`)).text(), /muster_build_info/);
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
    assert.ok(service.messages().includes('fixture stopped'));
  });

  it('answers 503 with the reason while a part is not running', async () => {
    const service = startFixture('deaf');
    const { port } = await service.seen('service ready');
    const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`);
    assert.equal(answer.status, 503);
    assert.deepEqual(await answer.json(), {
      status: 'not ready',
      reasons: [{ part: 'fixture', reason: 'is starting: waits' }],
    });
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
  });

  it('says not ready on SIGTERM before it refuses anybody, and answers meanwhile', async () => {
    const service = startFixture('serves', { READY_OFF_FOR: '2s' });
    const { port } = await service.seen('service ready');
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${String(port)}${path}`, { headers: { connection: 'close' } });
    service.child.kill('SIGTERM');
    let readiness = await ask('/readyz');
    while (readiness.status === 200) readiness = await ask('/readyz');
    const { reasons } = (await readiness.json()) as { reasons: unknown };
    assert.deepEqual([readiness.status, reasons], [503, [{ part: 'service', reason: 'is stopping' }]]);
    assert.equal((await ask('/work')).status, 200);
    assert.equal(await service.exited, 0);
  });

  it('says not ready as long as its parts drain, when nobody but health is served', async () => {
    const service = startFixture('drains');
    const { port } = await service.seen('service ready');
    service.child.kill('SIGTERM');
    await service.seen('fixture drains');
    assert.equal((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status, 503);
    assert.equal(await service.exited, 0);
    assert.ok(service.messages().includes('fixture stopped'));
  });

  it('answers health while what it needs is away, says what is missing, and goes on once it is there', async () => {
    const port = String(await freePort());
    const service = startFixture('waits', { PORT: port });
    await service.seen('service waits for what it needs');
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    await service.seen('service ready');
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
  });

  it('says so for as long as it is away, takes no requests, and ends with 0 by a signal', async () => {
    const port = String(await freePort());
    const service = startFixture('waits-for-ever', { PORT: port });
    await service.seen('service waits for what it needs');
    const readiness = await fetch(`http://127.0.0.1:${port}/readyz`);
    assert.equal(readiness.status, 503);
    assert.deepEqual(await readiness.json(), {
      status: 'not ready',
      reasons: [
        { part: 'service', reason: 'is starting' },
        { part: 'needs', reason: 'is starting: MongoDB does not answer' },
      ],
    });
    const refused = await fetch(`http://127.0.0.1:${port}/work`);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    service.child.kill('SIGTERM');
    assert.equal(await service.exited, 0);
  });

  for (const mode of ['throws-later', 'fails-to-start', 'bad-config'])
    it(`exits 1 when it ${mode.replaceAll('-', ' ')}`, async () => {
      assert.equal(await startFixture(mode).exited, 1);
    });
});
