import assert from 'node:assert/strict';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant } from '../test/support/tenant.js';
import { takeSnapshot } from './take-snapshot.js';

const MINUTE = 60_000;

describe('the full read behind a lost token', () => {
  const setUp = () => {
    const ports = createMemoryPorts();
    const tenant = createTenant(() => ports.clock.now);
    const { integrationId } = tenant.settings;
    ports.settings.set(integrationId, tenant.settings);
    ports.graphs.set(integrationId, tenant);
    const read = async () => {
      const signal = new AbortController().signal;
      const task = { settings: tenant.settings, kind: 'users', reason: 'test', resume: null, signal } as const;
      assert.equal(await takeSnapshot(ports.deps, { ...task, pause: () => Promise.resolve() }), 'complete');
      return ports.cursors.get(`${integrationId}/users`)!.takenAt;
    };
    const lose = (): void => {
      const held = ports.cursors.get(`${integrationId}/users`)!;
      const resetAt = ports.clock.now.toISOString();
      ports.cursors.set(`${integrationId}/users`, { ...held, links: [], resetAt, everyMs: 3 * MINUTE });
    };
    const pass = (minutes: number): void => {
      ports.clock.now = new Date(ports.clock.now.getTime() + minutes * MINUTE);
    };
    return { ports, read, lose, pass };
  };

  for (const [minutes, state] of [
    [4, 'by-sweep'],
    [120, 'blind'],
  ] as const)
    it(`closes the interval in the ledger, which nobody else can: ${minutes} min are ${state}`, async () => {
      const { ports, read, lose, pass } = setUp();
      const from = await read();
      assert.equal(ports.sweeps.length, 0, 'ahead of the first one there is nothing to close');
      pass(minutes);
      await read();
      assert.equal(ports.sweeps.length, 0, 'a token that is of use goes on');
      lose();
      const to = await read();
      assert.deepEqual(
        ports.sweeps.map((sweep) => [sweep.from, sweep.to, sweep.state]),
        [[from, to, state]],
      );
      assert.notEqual(ports.sweeps[0]?.judgedAt, null);
    });
});
