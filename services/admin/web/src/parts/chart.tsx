import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatMs } from '../domain/format.js';
import type { ChartSeries } from '../domain/lag-series.js';

export type ChartProps = { series: ChartSeries; height: number; label: string };

/** A variable holds both themes; only as the colour of an element is it one of them. */
function toColour(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

/** Distances of the marks on the time axis, in seconds: never several within one minute. */
const MINUTES = [1, 5, 10, 30, 60, 120, 240, 360].map((minutes) => minutes * 60);

const toOptions = ({ series, height }: ChartProps, element: HTMLElement): uPlot.Options => {
  const colour = (name: string): string => toColour(element, name);
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px Inter, sans-serif',
  };
  return {
    width: element.clientWidth,
    height,
    padding: [8, 20, 0, 0],
    cursor: { y: false, points: { size: 7 } },
    legend: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, values: '{HH}:{mm}', size: 32, incrs: MINUTES },
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map((tick) => (tick === 0 ? '0' : formatMs(tick * 1_000))) },
    ],
    series: [
      {},
      ...series.lines.map(({ name, color }) => ({
        label: name,
        stroke: colour(color),
        width: 1.75,
        spanGaps: false,
        points: { size: 5 },
      })),
    ],
  };
};

/** Lines over time. The same figures stand in a table for those who cannot see them. */
export function Chart(props: ChartProps) {
  const { series, height, label } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const data: uPlot.AlignedData = [series.times, ...series.lines.map(({ values }) => values)];
    let plot = new uPlot(toOptions(props, element), data, element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const redraw = (): void => {
      plot.destroy();
      plot = new uPlot(toOptions(props, element), data, element);
    };
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', redraw);
    return () => {
      observer.disconnect();
      themes.disconnect();
      dark.removeEventListener('change', redraw);
      plot.destroy();
    };
  }, [series, height]);
  return (
    <figure>
      <div ref={box} class="chart" role="img" aria-label={`${label}. ${toSummary(series)}`} />
      <figcaption class="legend">
        {series.lines.map(({ name, color }) => (
          <span key={name}>
            <i class="dot" style={{ background: `var(${color})` }} />
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const toSummary = ({ lines }: ChartSeries): string =>
  lines
    .map(({ name, values }) => {
      const last = values.findLast((value) => value !== null) ?? null;
      return `${name}: ${last === null ? 'nothing measured' : `last ${formatMs(last * 1_000)}`}`;
    })
    .join('; ');
