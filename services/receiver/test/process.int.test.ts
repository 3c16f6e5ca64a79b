import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createKafkaEventLog } from '@muster/event-log';
import { notificationEvent } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
import { createResources, eventually, freePort, patiently, readAll, testServers } from '@muster/test-support';
import { KEYS, userItem } from './notifications.js';

/** Graph counts us as slow from 3 s on. */
const DEADLINE_MS = 2_500;
const AT_ONCE = 50;

describe('the receiver as a process, under load', function () {
  this.timeout(180_000);
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('receiver-process', mongodbUri);
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const brokers = kafkaBrokers.split(',');
  const log = createKafkaEventLog({ brokers, clientId: 'test', topicPrefix: resources.prefix, logger });
  const running = new Set<ChildProcess>();
  before(() => patiently(log.ensureTopics));
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await log.close();
    await resources.remove();
  });

  async function startReceiver(env: Record<string, string> = {}) {
    const port = await freePort();
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@muster/source', '--import', 'tsx', main], {
      env: {
        ...process.env,
        ...{ TLS_CERT_FILE: '', TLS_KEY_FILE: '', PORT: String(port), READY_OFF_FOR: '0s' },
        ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: resources.prefix },
        CLIENT_STATE_KEYS: KEYS.map((key) => key.toString('base64')).join(','),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    const exited = once(child, 'exit').then(([code]) => {
      running.delete(child);
      return code as number | null;
    });
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, {
      within: 30_000,
      what: 'the receiver is ready',
    });
    const post = async (): Promise<{ id: string; status: number; ms: number }> => {
      const id = randomUUID();
      const begun = performance.now();
      const status = await fetch(`http://127.0.0.1:${port}/graph/notifications`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ value: [userItem({ subscriptionId: id })] }),
      }).then(
        (answer) => answer.status,
        () => 0,
      );
      return { id, status, ms: performance.now() - begun };
    };
    return { child, exited, post };
  }

  /** Posts from many sides until `isOver`; the ids that were answered 202. */
  async function load(
    post: Awaited<ReturnType<typeof startReceiver>>['post'],
    isOver: (acknowledged: number) => boolean,
  ): Promise<string[]> {
    const acknowledged: string[] = [];
    const one = async (): Promise<void> => {
      while (!isOver(acknowledged.length)) {
        const { id, status } = await post();
        if (status === 202) acknowledged.push(id);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    return acknowledged;
  }

  async function assertKept(ids: readonly string[]): Promise<void> {
    const newest = await readAll(log, 'notifications');
    const kept = new Set(
      newest.map(({ value }) => notificationEvent.parse(JSON.parse(value!.toString())).subscriptionId),
    );
    assert.deepEqual(
      ids.filter((id) => !kept.has(id)),
      [],
      'acknowledged and not in Kafka',
    );
  }

  for (const [signal, code] of [
    ['SIGTERM', 0],
    ['SIGKILL', null],
  ] as const)
    it(`has in Kafka whatever it answered 202 when ${signal} ends it`, async () => {
      const { child, exited, post } = await startReceiver();
      child.stdout.resume();
      let begun = 0;
      const loading = load(post, (acknowledged) => {
        if (acknowledged > 300 && begun === 0) {
          begun = performance.now();
          child.kill(signal);
        }
        return child.exitCode !== null || child.signalCode !== null;
      });
      assert.equal(await exited, code);
      assert.ok(performance.now() - begun < 10_000, 'it ends within its grace');
      const acknowledged = await loading;
      assert.ok(acknowledged.length > 300);
      await assertKept(acknowledged);
    });

  it('keeps its deadline while nobody reads its log', async () => {
    // Far more lines than the pipe holds; it is never read.
    const { child, exited, post } = await startReceiver({ LOG_LEVEL: 'debug' });
    let stalls = 0;
    for (let round = 0; round < 20;) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, post));
      for (const { status, ms } of answers) {
        assert.ok(status === 202 || status === 503, String(status));
        assert.ok(ms < DEADLINE_MS, `answered after ${ms} ms`);
      }
      if (answers.every(({ status }) => status === 202)) round += 1;
      else {
        // A broker that stands still for a while costs a round.
        assert.ok((stalls += 1) <= 3, 'Kafka is there and was not reached');
        await eventually(async () => (await post()).status === 202, { within: 60_000, every: 1_000 });
      }
    }
    child.kill('SIGKILL');
    await exited;
  });
});
