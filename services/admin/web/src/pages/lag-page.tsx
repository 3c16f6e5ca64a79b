import { useState } from 'preact/hooks';
import { useGet } from '../api/queries.js';
import type { Coverage, IntegrationStatus, Pipeline } from '../domain/api-types.js';
import { formatAge, formatCount, formatInstant, formatMs, formatWhen, plural } from '../domain/format.js';
import { toStrip, toWaterfall } from '../domain/lag-view.js';
import { toVerdict } from '../domain/verdict.js';
import { LAG_STEPS, toWord } from '../domain/words.js';
import { Card, Empty, Load, Notices, Tiles } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { LagChart } from '../parts/lag-chart.js';
import { LagTable } from '../parts/lag-table.js';
import { Page } from '../parts/page.js';
import { IntegrationPicker, useScope } from '../parts/scope.js';
import { VerdictLine } from '../parts/verdict-line.js';

/** Where the time goes, partition by partition, and what notifications missed. */
export function LagPage() {
  const { status, chosen } = useScope();
  return (
    <Page title="Lag" lead="How far behind the picture is, and where the time goes." actions={<IntegrationPicker />}>
      <Load query={status} lines={8}>
        {({ pipeline }) =>
          chosen ? (
            <LagOf integration={chosen} pipeline={pipeline} />
          ) : (
            <section class="card">
              <Empty title="No tenant is connected yet">Lag is measured once an integration runs.</Empty>
            </section>
          )
        }
      </Load>
    </Page>
  );
}

function LagOf({ integration, pipeline }: { integration: IntegrationStatus; pipeline: Pipeline }) {
  const now = useNow();
  const { integrationId, lag, cursors, loss } = integration;
  return (
    <>
      <Notices notices={pipeline.notices} integrationId={null} />
      <Card title="Now">
        <div class="stack">
          <VerdictLine verdict={toVerdict(integration, pipeline, now)} />
          <Tiles
            label="Now"
            tiles={[
              {
                label: 'Waiting events',
                value: pipeline.projector ? formatCount(pipeline.projector.waiting) : '–',
                note: pipeline.projector?.waiting === 0 ? 'nothing waits' : 'for the projector',
              },
              {
                label: 'Oldest that waits',
                value: toOldest(pipeline),
                note: 'since it was put on the log',
                ...((pipeline.projector?.oldestMs ?? 0) > OLD_MS ? { tone: 'warn' as const } : {}),
              },
              ...cursors.map(({ kind, sweptAt, failure }) => ({
                label: kind === 'users' ? 'Last sweep of users' : 'Last sweep of the group',
                value: formatWhen(sweptAt, now),
                note: failure ? failure.message : 'by delta',
                ...(failure ? { tone: 'warn' as const } : {}),
              })),
            ]}
          />
        </div>
      </Card>
      <Card title="Lag over time">
        <LagChart integrationId={integrationId} height={260} />
      </Card>
      <Waterfall lag={lag} />
      <LossMeter loss={loss} />
      <CoverageLedger integrationId={integrationId} />
      <Partitions pipeline={pipeline} />
    </>
  );
}

/** Older than this, what waits is late. */
const OLD_MS = 60_000;

const toOldest = ({ projector }: Pipeline): string => {
  if (!projector) return '–';
  return projector.waiting === 0 ? 'none' : formatMs(projector.oldestMs ?? null);
};

const QUANTILES = ['p50', 'p95', 'p99'] as const;

function Waterfall({ lag }: Pick<IntegrationStatus, 'lag'>) {
  const [quantile, setQuantile] = useState<(typeof QUANTILES)[number]>('p95');
  const rows = toWaterfall(lag, quantile);
  const isEmpty = rows.every(({ ms }) => ms === null);
  const choice = (
    <div class="segments" role="group" aria-label="Quantile">
      {QUANTILES.map((one) => (
        <button key={one} type="button" aria-pressed={one === quantile} onClick={() => setQuantile(one)}>
          {one}
        </button>
      ))}
    </div>
  );
  return (
    <Card title="Where the time goes" aside={choice}>
      {isEmpty ? (
        <Empty title="Nothing was measured">No change came through in the last 15 minutes.</Empty>
      ) : (
        <div class="stack">
          <ol class="stack-s">
            {rows.map(({ step, ms, from, width, outside }) => (
              <li key={step} class="waterfall">
                <span>{LAG_STEPS[step]}</span>
                <span class="track" aria-hidden="true">
                  {ms !== null && (
                    <span class={outside ? 'outside' : ''} style={{ left: `${from}%`, width: `${width}%` }} />
                  )}
                </span>
                <span class="number">{step === 'graph' && ms === null ? 'unknown' : formatMs(ms)}</span>
              </li>
            ))}
          </ol>
          <details>
            <summary>All figures, last 15 minutes</summary>
            <LagTable lag={lag} />
            <p class="small soft">
              Upper bounds of what was measured. Quantiles of single steps do not add up to that of the whole way.
            </p>
          </details>
        </div>
      )}
    </Card>
  );
}

function LossMeter({ loss }: Pick<IntegrationStatus, 'loss'>) {
  const { announced, lost, share, worstDelayMs, open } = loss;
  return (
    <Card title="Loss meter, last 24 hours">
      <div class="stack">
        <p class="soft">
          Microsoft promises no notification for users and groups. A sweep finds what none announced; that is counted
          here.
        </p>
        <Tiles
          label="Loss"
          tiles={[
            { label: 'Announced', value: formatCount(announced), note: 'changes told by a notification' },
            {
              label: 'Lost',
              value: formatCount(lost),
              note:
                share === null
                  ? 'nothing changed'
                  : `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} % of all`,
              ...(lost > 0 ? { tone: 'warn' as const } : {}),
            },
            { label: 'Oldest when found', value: lost === 0 ? '–' : formatMs(worstDelayMs), note: 'of the lost ones' },
            { label: 'Not judged yet', value: formatCount(open), note: 'found by a sweep, may still be announced' },
          ]}
        />
      </div>
    </Card>
  );
}

const FILLS: Record<string, string> = { covered: 'good', 'by-sweep': 'warn', blind: 'bad' };
const MEANINGS: [string, string][] = [
  ['covered', 'notifications came'],
  ['by-sweep', 'kept true by sweeps alone'],
  ['blind', 'neither: changes may be missing'],
];

function CoverageLedger({ integrationId }: { integrationId: string }) {
  const now = useNow();
  const coverage = useGet<Coverage>(`/integrations/${integrationId}/coverage`, { every: 15_000 });
  return (
    <Card title="Coverage, last 24 hours">
      <Load query={coverage} lines={2}>
        {({ since, intervals }) => {
          // Before the first interval nothing ran: that is no gap.
          const begin = intervals[0]?.from ?? since;
          const parts = toStrip(intervals, begin, now.toISOString());
          const gaps = intervals.filter(({ state }) => state !== 'covered');
          return (
            <div class="stack">
              <div>
                <div class="strip" aria-hidden="true">
                  {parts.map(({ state, from, share }) => (
                    <span
                      key={from}
                      class={state === 'unproved' ? '' : `fill-${FILLS[state] ?? 'none'}`}
                      style={{ flexBasis: `${share}%` }}
                    />
                  ))}
                </div>
                <div class="strip-scale" aria-hidden="true">
                  <span>{formatInstant(begin, now)}</span>
                  <span>now</span>
                </div>
                <ul class="legend">
                  {MEANINGS.map(([state, meaning]) => (
                    <li key={state}>
                      <i class={`dot fill-${FILLS[state] ?? 'none'}`} />
                      {toWord(state).text}: {meaning}
                    </li>
                  ))}
                </ul>
              </div>
              {gaps.length === 0 ? (
                <p>
                  {intervals.length === 0 ? 'Nothing is recorded yet.' : 'No gap: notifications came all the time.'}
                </p>
              ) : (
                <details>
                  <summary>{plural(gaps.length, 'interval')} without notifications</summary>
                  <ul class="list">
                    {gaps.map(({ from, to, state, sweeps }) => (
                      <li key={from}>
                        {toWord(state).text}: {formatInstant(from, now)} to {formatInstant(to, now)},{' '}
                        {plural(sweeps, 'sweep')}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
          );
        }}
      </Load>
    </Card>
  );
}

const CANARY_LATE_MS = 200_000;
const NAME_OF_TOPIC: Readonly<Record<string, string>> = {
  notifications: 'Notifications',
  sweeps: 'Sweeps',
  observations: 'Full reads',
};

function Partitions({ pipeline: { canaries, projector } }: { pipeline: Pipeline }) {
  const bySeen = new Map(canaries.seen.map((canary) => [canary.partition, canary]));
  const topics = projector?.topics ?? [];
  return (
    <Card title="By partition">
      <div class="stack">
        <p class="soft">
          Each minute a signed message goes through every partition. It proves our part of the way, not Microsoft’s, so
          that idle and dead can be told apart. Below it: what waits for the projector, and since when.
        </p>
        <ol class="partitions">
          {Array.from({ length: canaries.partitions }, (_, partition) => {
            const canary = bySeen.get(partition);
            const isLate = !canary || canary.ageMs > CANARY_LATE_MS;
            const backlog = (projector?.partitions ?? []).filter((one) => one.partition === partition);
            const waiting = backlog.reduce((sum, one) => sum + one.waiting, 0);
            const oldestMs = Math.max(0, ...backlog.map((one) => one.oldestMs));
            return (
              <li key={partition} class={isLate ? 'late' : ''}>
                <span>partition {partition}</span>
                {canary ? formatMs(canary.ms) : 'not seen'}
                <span>{canary ? `${formatAge(canary.ageMs)} ago` : 'never'}</span>
                <span>
                  {waiting === 0 ? 'nothing waits' : `${plural(waiting, 'waits', 'wait')}, ${formatMs(oldestMs)}`}
                </span>
              </li>
            );
          })}
        </ol>
        {topics.length > 0 && (
          <dl class="facts">
            {topics.map(({ topic, waiting }) => (
              <>
                <dt key={topic}>{NAME_OF_TOPIC[topic] ?? topic}</dt>
                <dd>{waiting === 0 ? 'nothing waits' : `${plural(waiting, 'waits', 'wait')} for the projector`}</dd>
              </>
            ))}
          </dl>
        )}
      </div>
    </Card>
  );
}
