import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { exclusively } from './exclusively.js';
import { anyPort, wantedPort } from './ports.js';
import { createProgress, describeFailure } from './progress.js';
import { StackError } from './stack-error.js';
import { createTemporaryLayout } from './temporary-layout.js';
import { waitUntil } from './wait-until.js';

describe('ports', () => {
  it('takes the next free one when the wanted one is busy, and says so', async () => {
    const busy = await anyPort();
    const server = createServer();
    await new Promise<void>((settle) => server.listen(busy, '127.0.0.1', settle));
    const lines: string[] = [];
    const port = await wantedPort(busy, 'admin', (line) => lines.push(line));
    await new Promise((settle) => server.close(settle));
    assert.ok(port > busy);
    assert.deepEqual(lines, [`port ${busy} is busy: admin takes ${port}`]);
  });

  it('passes over what others want, when the wanted one is busy', async () => {
    const busy = await anyPort();
    const server = createServer();
    await new Promise<void>((settle) => server.listen(busy, '127.0.0.1', settle));
    const others = [busy, busy + 1, busy + 2];
    const port = await wantedPort(busy, 'receiver', () => undefined, others);
    await new Promise((settle) => server.close(settle));
    assert.ok(port > busy + 2, `took ${port - busy} above`);
  });

  it('never gives the same port twice', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => anyPort()));
    assert.equal(new Set(ports).size, 20);
    const [first = 0] = ports;
    assert.notEqual(await wantedPort(first, 'admin', () => undefined), first);
  });
});

describe('exclusively', () => {
  it('lets one work at a time, and goes on after one has failed', async () => {
    const { layout, remove } = createTemporaryLayout();
    let inside = 0;
    const work = async (): Promise<void> => {
      assert.equal(++inside, 1);
      await delay(5);
      inside -= 1;
    };
    const lock = join(layout.home, 'lock');
    await assert.rejects(
      exclusively(lock, () => Promise.reject(new Error('refused'))),
      /refused/,
    );
    await Promise.all([1, 2, 3].map(() => exclusively(lock, work)));
    remove();
  });
});

describe('progress', () => {
  it('is a line a step, with the seconds since the start and of the step', async () => {
    let now = 0;
    const lines: string[] = [];
    const progress = createProgress(
      (line) => lines.push(line),
      () => now,
    );
    now = 1000;
    await progress.step(
      'Kafka',
      () => Promise.resolve((now = 3500)),
      (at) => `Kafka is ready at ${at}`,
    );
    await assert.rejects(progress.step('MongoDB', () => Promise.reject(new Error('no'))));
    assert.deepEqual(lines, ['[  3.5 s] Kafka is ready at 3500  (2.5 s)', '[  3.5 s] MongoDB: failed  (0.0 s)']);
  });

  it('says what is still under way, until it is done', async () => {
    let now = 0;
    const lines: string[] = [];
    const said = (count: number) =>
      waitUntil(() => Promise.resolve(lines.length >= count), { what: `${count} lines`, withinMs: 5_000, everyMs: 1 });
    const progress = createProgress(
      (line) => lines.push(line),
      () => now,
      5,
    );
    const step = progress.step('the build', () => said(2));
    now = 15_000;
    await step;
    assert.deepEqual(lines[1], '[ 15.0 s] … the build  (15.0 s so far)');
    const done = lines.length;
    assert.equal(lines[done - 1], '[ 15.0 s] the build  (15.0 s)');
    await progress.step('another', () => said(done + 1));
    assert.ok(!lines.slice(done).some((line) => line.includes('… the build')));
  });

  it('ends a failure with its cure', () => {
    assert.equal(describeFailure(new StackError('Java is missing.', 'Install it.')), 'Java is missing.\n\nInstall it.');
  });
});
