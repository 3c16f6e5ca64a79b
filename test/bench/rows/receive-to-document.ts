import { randomBytes, randomUUID } from 'node:crypto';
import { Failure } from '@muster/contracts';
import { patiently } from '@muster/test-support';
import { createPoster } from '../load/load.js';
import { createSender } from '../load/notifications.js';
import { round, type Context, type Measured } from '../row.js';
import { median, percentile } from '../statistics.js';
import { withPair, type Pipeline } from './pipeline.js';
import { startBaseline, startReceiverOn } from './receiver.js';
import { sendSteadily } from './steady-load.js';

/** A pipeline with something before it that is posted to. */
type Side = { pipeline: Pipeline; port: number; key: Buffer };

/** R7: both know everyone before; in each sample each person changes once. */
export async function compareLatency(context: Context): Promise<Measured> {
  const { seconds, samples, tiny } = context.options;
  const perSecond = tiny ? 20 : 100;
  const people = Array.from({ length: perSecond * seconds }, () => randomUUID() as string);
  return withPair(context, 'R7', 20, async (pair) => {
    const receiver = await startReceiverOn(context, 'R7', pair.ours.scope.prefix);
    const bareKey = randomBytes(32);
    const { prefix } = pair.baseline.scope;
    const bare = await startBaseline(context, 'bare-produce', { key: bareKey, prefix });
    const ours: Side = { pipeline: pair.ours, port: receiver.receiver.port, key: receiver.key };
    const baseline: Side = { pipeline: pair.baseline, port: bare.port, key: bareKey };
    const taken = { ours: [] as number[][], baseline: [] as number[][] };
    try {
      for (const side of [ours, baseline]) {
        await side.pipeline.notify(people);
        await side.pipeline.drained();
        await sample(side, { people, perSecond, seconds });
      }
      for (let turn = 0; turn < samples; turn += 1) {
        taken.ours.push(await sample(ours, { people, perSecond, seconds }));
        taken.baseline.push(await sample(baseline, { people, perSecond, seconds }));
      }
    } finally {
      await Promise.all([receiver.stop(), bare.stop()]);
    }
    return judge(taken);
  });
}

type Load = { people: readonly string[]; perSecond: number; seconds: number };

/** Milliseconds of each person, from the POST to the time stamp of the change. */
async function sample({ pipeline, port, key }: Side, { people, perSecond, seconds }: Load): Promise<number[]> {
  const [tenant] = pipeline.tenants;
  const sender = createSender(key, tenant);
  const poster = await createPoster(port);
  const notify = async (userIds: readonly string[]): Promise<void> => {
    for (const userId of userIds) {
      const request = sender.requestOf(userId);
      // As Graph does, which sends again what is answered 503; the time runs from the first.
      await patiently(async () => {
        const status = await poster.post(request);
        const retryable = status === 503;
        if (status !== 202) throw new Failure('bench.refused', `a notification was answered ${status}`, { retryable });
      });
    }
  };
  const next = (index: number): { userId: string } => ({ userId: people[index] ?? '' });
  const sent = await sendSteadily({ notify }, { perSecond, seconds, next });
  poster.close();
  await pipeline.drained();
  const changed = await pipeline.changedAt();
  // Of a change that never came the feed has the one of the sample before.
  return [...sent].map(([id, at]) => {
    const came = changed.get(id) ?? 0;
    return came < at ? Number.POSITIVE_INFINITY : came - at;
  });
}

function judge(taken: { ours: number[][]; baseline: number[][] }): Measured {
  const at = (side: number[][], share: number): number => median(side.map((one) => percentile(one, share)));
  const [p50, p99] = [at(taken.ours, 0.5), at(taken.ours, 0.99)];
  const [rawP50, rawP99] = [at(taken.baseline, 0.5), at(taken.baseline, 0.99)];
  return {
    measured: `p50 ${round(p50, 0)} to ${round(rawP50, 0)} ms, p99 ${round(p99, 0)} to ${round(rawP99, 0)} ms (${round(p50 / rawP50)} ×, ${round(p99 / rawP99)} ×)`,
    met: p50 <= 45 && p99 <= 150 && p50 <= 1.5 * rawP50 && p99 <= 1.5 * rawP99,
    samples: taken,
    notes: ['from the POST to the time stamp of the change, which is produced behind the write'],
  };
}
