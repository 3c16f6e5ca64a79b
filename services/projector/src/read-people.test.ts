import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { eventually, toSettings } from '@muster/test-support';
import { createPeopleReader } from './read-people.js';

const people = ['a', 'b'];
const options = { membership: false };

/** A Graph of each tenant, which answers after so many ms. */
function open(patienceMs: number, patienceBesideOthersMs: number) {
  const answersAfter = new Map<string, number>();
  const asked: string[] = [];
  const graph = ({ integrationId }: IntegrationSettings): Graph =>
    ({
      readUsers: async (userIds: readonly string[]) => {
        asked.push(integrationId);
        await sleep(answersAfter.get(integrationId));
        return userIds.map((userId) => ({
          userId,
          found: 'no',
          removed: 'hard',
          observedAt: '2026-01-01T00:00:00.000Z',
        }));
      },
    }) as never;
  const reader = createPeopleReader({ graphOf: graph, patienceMs, patienceBesideOthersMs });
  const read = async (settings: IntegrationSettings) => {
    const begun = performance.now();
    const { unread, failure, late } = await reader.readUsers(settings, people, options);
    return { unread: unread.length, code: failure?.code ?? null, ms: performance.now() - begun, late };
  };
  return { answersAfter, asked, read };
}

describe('createPeopleReader', () => {
  it('leaves a tenant that is not read in time to sweeps, until it is: others wait for it no more', async () => {
    const { answersAfter, asked, read } = open(400, 300);
    const [slow, good] = [toSettings(), toSettings()];
    answersAfter.set(slow.integrationId, 2_000).set(good.integrationId, 100);
    const first = await read(slow);
    assert.deepEqual([first.unread, first.code], [2, 'graph.slow']);
    for (let time = 0; time < 20; time += 1) {
      const next = await read(slow);
      assert.deepEqual([next.unread, next.code], [2, 'graph.slow']);
    }
    assert.deepEqual(asked, [slow.integrationId], 'the first read is still under way');
    assert.equal((await read(good)).unread, 0, 'another tenant is not judged by it');

    const isTriedAgain = async (): Promise<boolean> => {
      await read(slow);
      return asked.filter((id) => id === slow.integrationId).length > 1;
    };
    await eventually(isTriedAgain, { within: 8_000, what: 'a second try once the first one ended' });
    answersAfter.set(slow.integrationId, 1);
    await eventually(async () => (await read(slow)).unread === 0, { within: 5_000, what: 'the tenant is well again' });
    answersAfter.set(slow.integrationId, 100);
    assert.equal((await read(slow)).unread, 0, 'who was read in time is waited for again');
  });

  it('lets nobody wait while it tries a slow tenant again', async () => {
    const { answersAfter, asked, read } = open(100, 50);
    const slow = toSettings();
    answersAfter.set(slow.integrationId, 200);
    await read(slow);
    const waited: number[] = [];
    const areTried = async (): Promise<boolean> => {
      waited.push((await read(slow)).ms);
      return asked.length === 4;
    };
    await eventually(areTried, { within: 10_000, what: 'three more tries' });
    assert.ok(Math.max(...waited) < 100, `they held the others up for ${Math.max(...waited)} ms`);
  });

  it('rejects nobody when a slow tenant cannot even be asked any more', async () => {
    let asked = 0;
    const graphOf = (): Graph => {
      asked += 1;
      if (asked > 1) throw new Error('its secret cannot be opened');
      return { readUsers: () => sleep(60, []) } as never;
    };
    const reader = createPeopleReader({ graphOf, patienceMs: 20 });
    const slow = toSettings();
    const rejections: unknown[] = [];
    const isTriedAgain = async (): Promise<boolean> => {
      await reader.readUsers(slow, people, options).catch((error: unknown) => rejections.push(error));
      return asked > 1;
    };
    await eventually(isTriedAgain, { within: 8_000, what: 'a second try once the first one ended' });
    assert.deepEqual(rejections, []);
  });

  it('has less patience where others are read, and all of it where nobody is', async () => {
    const { answersAfter, read } = open(2_000, 100);
    const [one, other] = [toSettings(), toSettings()];
    answersAfter.set(one.integrationId, 400).set(other.integrationId, 1);
    assert.equal((await read(one)).unread, 0);
    await read(other);
    const { code, late } = await read(one);
    assert.equal(code, 'graph.slow');
    const brought = (await late)?.map(({ userId }) => userId);
    assert.deepEqual(brought, people, 'what the read brings in the end');
  });
});
