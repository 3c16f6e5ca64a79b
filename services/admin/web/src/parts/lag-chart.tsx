import { lazy } from 'preact-iso';
import { Suspense } from 'preact/compat';
import { useMemo, useState } from 'preact/hooks';
import { isAbsent, useGet } from '../api/queries.js';
import { toLagSeries, type LagOverTime } from '../domain/lag-series.js';
import { Failed, Loading } from './basics.js';

// uPlot is fetched beside the page, not before it.
const Chart = lazy(() => import('./chart.js').then((module) => module.Chart));

const NOTHING: LagOverTime = { step: '1m', points: [] };
const RANGES = [
  { text: '1 h', ms: 3_600_000 },
  { text: '6 h', ms: 6 * 3_600_000 },
  { text: '24 h', ms: 24 * 3_600_000 },
] as const;

/** p50, p95 and p99 of the whole way, and Microsoft's share apart. */
export function LagChart({ integrationId, height = 220 }: { integrationId: string; height?: number }) {
  const [range, setRange] = useState(RANGES[0].ms as number);
  // Whole minutes: the address stays the same from one second to the next.
  const since = new Date(Math.floor((Date.now() - range) / 60_000) * 60_000).toISOString();
  const lag = useGet<LagOverTime>(`/integrations/${integrationId}/lag?since=${since}`, { every: 15_000, keep: true });
  const series = useMemo(() => toLagSeries(lag.data ?? NOTHING), [lag.data]);
  if (isAbsent(lag.error)) return <p class="soft">This service does not keep lag over time yet.</p>;
  if (lag.error && !lag.data) return <Failed error={lag.error} retry={lag.refetch} />;
  if (!lag.data) return <Loading />;
  return (
    <div class="stack-s">
      <div class="segments" role="group" aria-label="Range">
        {RANGES.map(({ text, ms }) => (
          <button key={text} type="button" aria-pressed={range === ms} onClick={() => setRange(ms)}>
            {text}
          </button>
        ))}
      </div>
      {series.times.length < 2 ? (
        <p class="soft">Nothing was measured in this time.</p>
      ) : (
        <Suspense fallback={<Loading />}>
          <Chart series={series} height={height} label="Lag over time, in seconds" />
        </Suspense>
      )}
    </div>
  );
}
