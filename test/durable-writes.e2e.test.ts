import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyPort, createLayout } from '@muster/scripts';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { eventually } from '@muster/test-support';

const ROUNDS = 6;
const BUSY_MS = 400;
const server = join(createLayout().downloads, 'venv', 'bin', 'secantusd-py');
const logger = createLogger({ service: 'test', level: 'silent' });

/**
 * What was answered is on the disk: a change is told behind the write of its document, and a document that a crash takes
 * back would be told once more, in another way.
 */
describe('a write that the database has answered', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-durable-'));
  let running: ChildProcess | undefined;
  let store: Store | undefined;
  after(async () => {
    running?.kill('SIGKILL');
    await store?.close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is there after kill -9', async function () {
    // Only where the tests have a server of their own to kill.
    if (!existsSync(server)) this.skip();
    this.timeout(120_000);
    const port = await anyPort();
    const uri = `mongodb://127.0.0.1:${port}/durable?directConnection=true&retryWrites=false`;
    let answered = '';
    for (let round = 0; round < ROUNDS; round += 1) {
      running = spawn(server, ['--port', String(port), '--host', '127.0.0.1', '--storage-path', folder], {
        stdio: 'ignore',
      });
      const connected = await eventually(() => connectStore({ uri, logger }), { within: 60_000, what: 'the server' });
      store = connected;
      const [kept] = await connected.lag.canaries();
      assert.ok(round === 0 || (kept && kept.at >= answered), `${kept?.at} is kept, ${answered} was answered`);
      for (const until = Date.now() + BUSY_MS; Date.now() < until;) {
        const at = new Date();
        await connected.lag.canary(1, at, 1);
        answered = at.toISOString();
      }
      running.kill('SIGKILL');
      await once(running, 'exit');
      await connected.close().catch(() => undefined);
    }
  });
});
