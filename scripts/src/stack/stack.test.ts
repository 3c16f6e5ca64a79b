import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOrphans, findRecorded, isRunning } from './orphans.js';
import { startProcess } from './processes.js';
import { StackError } from './stack-error.js';
import { createStack } from './stack.js';
import { createTemporaryLayout } from './temporary-layout.js';
import { waitUntil } from './wait-until.js';

const FOREVER = 'setInterval(() => undefined, 1000); console.log("up");';
const node = (name: string, script: string) => ({
  name,
  command: process.execPath,
  args: ['-e', script],
  env: process.env,
});

describe('stack', () => {
  let temporary: ReturnType<typeof createTemporaryLayout>;
  let lines: string[];
  beforeEach(() => {
    temporary = createTemporaryLayout();
    lines = [];
  });
  afterEach(() => temporary.remove());
  const create = () => createStack(temporary.layout, (line) => lines.push(line));
  const prints = (name: string): Promise<void> =>
    waitUntil(() => Promise.resolve(readFileSync(join(temporary.layout.logs, `${name}.log`), 'utf8').includes('up')), {
      what: `${name} is up`,
      withinMs: 10_000,
      everyMs: 10,
    });

  it('starts a killed service again, and says so', async () => {
    const stack = create();
    await stack.startService(node('service', FOREVER));
    const first = stack.pidOf('service') ?? 0;
    process.kill(first, 'SIGKILL');
    await waitUntil(() => Promise.resolve(stack.pidOf('service') !== first), { what: 'a new pid', withinMs: 15_000 });
    assert.ok(isRunning(stack.pidOf('service') ?? 0));
    assert.match(lines.join('\n'), /service ended by SIGKILL: it is started again/);
    await stack.stop();
    assert.deepEqual(findRecorded(temporary.layout.run), []);
  });

  it('stops last what was started first, also when that was restarted', async () => {
    const stack = create();
    const out = join(temporary.layout.home, 'order');
    const telling = (name: string): string =>
      `${FOREVER} process.on('SIGTERM', () => { require('fs').appendFileSync(${JSON.stringify(out)}, '${name} '); process.exit(0); });`;
    for (const name of ['one', 'two', 'three']) await stack.startService(node(name, telling(name)));
    for (const name of ['one', 'two', 'three']) await prints(name);
    const first = stack.pidOf('one') ?? 0;
    process.kill(first, 'SIGKILL');
    await waitUntil(() => Promise.resolve(stack.pidOf('one') !== first), { what: 'a new pid', withinMs: 15_000 });
    await waitUntil(
      () => Promise.resolve(readFileSync(join(temporary.layout.logs, 'one.log'), 'utf8').split('up').length === 3),
      { what: 'one is up again', withinMs: 10_000, everyMs: 10 },
    );
    await stack.stop();
    assert.equal(readFileSync(out, 'utf8'), 'three two one ');
  });

  it('reads nothing of a child that is to go unread, whose errors are in its log all the same', async () => {
    const stack = create();
    const fill = `process.stdout; const fs = require('fs'); const line = 'x'.repeat(300);
      try { for (;;) fs.writeSync(1, line); } catch (error) { console.error(error.code, 'up'); } ${FOREVER}`;
    const child = await stack.start({ ...node('unread', fill), unread: true });
    await prints('unread');
    assert.equal(readFileSync(join(temporary.layout.logs, 'unread.log'), 'utf8'), 'EAGAIN up\n');
    await child.stop();
  });

  it('tells the last log lines of a server that dies', async () => {
    const stack = create();
    await stack.startServer(node('server', 'console.error("disk is full"); process.exit(3)'));
    const error = await stack.broken;
    assert.match(error.message, /server ended with code 3[^]*disk is full/);
    await stack.stop();
  });

  it('says nothing of a server that was asked to stop, and starts nothing afterwards', async () => {
    const stack = create();
    await stack.startServer(node('server', FOREVER));
    await stack.stop();
    await assert.rejects(stack.start(node('late', FOREVER)), /being stopped/);
    assert.equal(await Promise.race([stack.broken, Promise.resolve('quiet')]), 'quiet');
  });

  it('fails a command with its last lines', async () => {
    await assert.rejects(
      create().run(node('command', 'console.log("no such thing"); process.exit(1)')),
      (error) => error instanceof StackError && /command ended with code 1[^]*no such thing/.test(error.message),
    );
  });

  it('kills a process that does not stop in its grace time, with the helpers of its group', async () => {
    const helperFile = join(temporary.layout.home, 'helper');
    const script = `process.on('SIGTERM', () => undefined);
      const helper = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(helperFile)}, String(helper.pid)); ${FOREVER}`;
    const child = await startProcess(temporary.layout, node('stubborn', script));
    await prints('stubborn');
    await child.stop(50);
    assert.equal((await child.exited).signal, 'SIGKILL');
    const helper = Number(readFileSync(helperFile, 'utf8'));
    await waitUntil(() => Promise.resolve(!isRunning(helper)), { what: 'the helper is gone', withinMs: 10_000 });
  });
});

describe('orphans', () => {
  let temporary: ReturnType<typeof createTemporaryLayout>;
  beforeEach(() => (temporary = createTemporaryLayout()));
  afterEach(() => temporary.remove());

  it('ends what an earlier start has recorded', async () => {
    const child = await startProcess(temporary.layout, node('left', FOREVER));
    assert.deepEqual(await endOrphans(temporary.layout.run), ['left']);
    await child.exited;
    assert.ok(!isRunning(child.pid));
  });

  it('leaves a process alone whose number was recorded for another', async () => {
    const child = await startProcess(temporary.layout, node('mine', FOREVER));
    const file = join(temporary.layout.run, 'mine.json');
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as { identity: string };
    writeFileSync(file, JSON.stringify({ ...recorded, identity: `${recorded.identity} of another` }));
    assert.deepEqual(await endOrphans(temporary.layout.run), []);
    assert.ok(isRunning(child.pid));
    assert.ok(!existsSync(file));
    await child.stop();
  });
});
