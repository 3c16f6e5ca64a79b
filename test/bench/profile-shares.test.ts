import assert from 'node:assert/strict';
import { toShares, type CpuProfile } from './profile-shares.js';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber, columnNumber: 0 });

describe('what a CPU profile was spent on', () => {
  it('is told by package, without the time in which nothing was done', () => {
    const bundle = 'file:///app/services/projector/dist/bundle/main.mjs';
    const sources = [
      '../../../../node_modules/.pnpm/kafkajs@2.2.4/node_modules/kafkajs/src/index.js',
      '../../../../node_modules/.pnpm/a@1/node_modules/@scope/a/index.js',
      '../../../../packages/store/src/store.ts',
    ];
    const frames = [
      frame('(idle)'),
      frame('(garbage collector)'),
      frame('write', 'node:net'),
      ...sources.map((_, line) => frame('f', bundle, line)),
    ];
    const profile: CpuProfile = {
      nodes: frames.map((callFrame, id) => ({ id, callFrame })),
      samples: [0, 1, 2, 3, 4, 5, 3],
      timeDeltas: [9_000_000, 100_000, 100_000, 400_000, 200_000, 100_000, 100_000],
    };
    assert.deepEqual(
      toShares(profile, ({ lineNumber }) => sources[lineNumber]!),
      {
        seconds: 1,
        shares: [
          ['kafkajs', 50],
          ['@scope/a', 20],
          ['garbage', 10],
          ['node', 10],
          ['packages/store', 10],
        ],
      },
    );
  });
});
