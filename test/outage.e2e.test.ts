import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { readLedger } from './chaos/ledger.js';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { setClocks } from './src/set-clocks.js';
import { startTestSystem, type System } from './src/system.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DELTA_MINUTES = 3;
const CHANGED = 10;

type Interval = { from: string; to: string; state: string };

/** All processes share a clock that the test moves; Graph gives up on a notification after 5 min. */
describe('the receiver is away for a quarter of an hour', () => {
  const clocks = setClocks();
  let system: System;
  let connected: Connected;
  let begun: string;
  let counter = 0;

  before(async () => {
    const { nodeOptions } = clocks;
    const env = {
      USERS_DELTA_EVERY: `${DELTA_MINUTES}m`,
      USERS_SECOND_READ: '24h',
      CANARY_EVERY: '1s',
      LOST_AFTER: '30s',
      SETTLE_AFTER: '0s',
    };
    system = await startTestSystem({ label: 'outage', env, nodeOptions, simulatorNodeOptions: nodeOptions });
    const patience = { firstTimeout: 500, retryTimeout: 500, backOffCap: SECOND, giveUpAfter: 5 * MINUTE };
    // Without the states of slow receivers: those last by timers, which nobody moves.
    const delivery = { ...patience, healthMinimum: 1_000_000 };
    await system.simulator.call('PATCH', '/settings', { delivery });
    connected = await connectTenant(system, { people: 60, groupMembers: 40, nestedGroups: 0 });
  });
  after(async () => {
    await system.stop();
    clocks.remove();
  });

  const now = (): number => Date.now() + clocks.shift();
  const newestSweep = async (): Promise<string> =>
    (await system.store.coverage.since(connected.integrationId, new Date(0).toISOString())).at(-1)?.to ?? '';
  const newestCanary = async (): Promise<string> =>
    (await system.store.lag.canaries()).map(({ at }) => at).sort()[0] ?? '';
  const coverage = () => system.admin.get(`/integrations/${connected.integrationId}/coverage?since=${begun}`);

  /** Time goes by for all; what is due by then happens. */
  const pass = (ms: number): void => clocks.set(clocks.shift() + ms);
  const swept = (since: number): Promise<unknown> =>
    eventually(
      async () => {
        const newest = await newestSweep();
        if (Date.parse(newest) >= since) return true;
        // Said when time is up: whether sweeps fail, or none begins.
        const cursor = await system.store.cursors.get(connected.integrationId, 'users');
        throw new Error(JSON.stringify({ newest, now: new Date(now()), cursor }));
      },
      { within: 60_000, what: 'a sweep' },
    );
  const passToSweep = async (minutes = DELTA_MINUTES): Promise<void> => {
    const since = now() + minutes * MINUTE;
    pass(minutes * MINUTE);
    await swept(since);
  };
  /** Ten minutes in steps that are shorter than the canary may be silent. */
  const passQuietly = async (): Promise<void> => {
    for (let minute = 0; minute < 10; minute += 1) {
      const since = now() + MINUTE;
      pass(MINUTE);
      const came = async () => Date.parse(await newestCanary()) >= since;
      await eventually(came, { within: 60_000, what: 'a canary on each partition' });
    }
    await swept(now() - DELTA_MINUTES * MINUTE);
  };

  async function changeSome(): Promise<void> {
    const { tenantId } = connected.tenant;
    const department = `Department ${++counter}`;
    const people = (await system.simulator.truth(tenantId)).filter((one) => one.inGroup && !one.deletedDateTime);
    for (const { id } of people.slice(counter * CHANGED, (counter + 1) * CHANGED))
      await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { department });
  }
  const picture = (): Promise<unknown> =>
    eventually(
      async () => {
        assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
        return true;
      },
      { within: 60_000, what: 'the documents equal the directory' },
    );
  /** Nobody tells of these changes any more. */
  const graphGaveUp = (count: number): Promise<unknown> =>
    eventually(
      async () => {
        const gone = (await readLedger(system.simulator)).filter(({ dropped }) => dropped !== null);
        if (gone.length < count) throw new Error(`${gone.length} of ${count} were given up`);
        return true;
      },
      { within: 60_000, every: 500, what: 'Graph gives up on the notifications' },
    );
  const stateAt = (intervals: readonly Interval[], at: number): string | undefined =>
    intervals.find(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to))?.state;

  it('sweeps keep the picture true while Graph gives up, and the ledger says so, also of the time when none ran', async () => {
    begun = new Date(now()).toISOString();
    await passQuietly();
    const quiet = now() - 5 * MINUTE;

    // Away for 15 min, while sweeps go on.
    system.signal('receiver', 'SIGSTOP');
    await changeSome();
    const away = now();
    for (let minutes = 0; minutes < 15; minutes += DELTA_MINUTES) await passToSweep();
    await picture();
    await graphGaveUp(CHANGED);
    const { integrations } = await system.admin.get('/status');
    const [{ verdict }] = integrations.filter((one: any) => one.integrationId === connected.integrationId);
    assert.notEqual(verdict.verdict, 'fresh');
    assert.match(verdict.reasons.join(' '), /No probe has come through for .*: notifications may not reach us/);

    // Sweeps stand still too: nobody looks.
    const blind = now() + MINUTE;
    system.signal('reconciler', 'SIGSTOP');
    await changeSome();
    pass(15 * MINUTE);
    const since = now();
    system.signal('reconciler', 'SIGCONT');
    await swept(since);
    await picture();
    await graphGaveUp(2 * CHANGED);

    // What waits at its door dies with it: only the sweeps ever told of those changes.
    const pid = system.pidOf('receiver');
    system.signal('receiver', 'SIGKILL');
    await eventually(() => system.pidOf('receiver') !== pid && system.isReady('receiver'), {
      within: 60_000,
      what: 'the receiver is back',
    });
    await passQuietly();
    const back = now() - 5 * MINUTE;
    await changeSome();
    await picture();
    await passToSweep();

    const { intervals, loss } = await eventually(
      async () => {
        const answer = await coverage();
        if (answer.loss.open > 0 || answer.loss.announced < CHANGED) {
          await passToSweep();
          throw new Error(JSON.stringify(answer.loss));
        }
        return answer;
      },
      { within: 120_000, what: 'every change is judged' },
    );
    const told = JSON.stringify(intervals);
    assert.equal(stateAt(intervals, quiet), 'covered', told);
    assert.equal(stateAt(intervals, away + 10 * MINUTE), 'by-sweep', told);
    assert.equal(stateAt(intervals, blind + 5 * MINUTE), 'blind', told);
    assert.equal(stateAt(intervals, back), 'covered', told);
    assert.deepEqual([loss.lost, loss.announced], [2 * CHANGED, CHANGED]);
    assert.ok(loss.worstDelayMs >= 15 * MINUTE && loss.worstDelayMs < 20 * MINUTE, `${loss.worstDelayMs} ms`);
  }).timeout(400_000);
});
