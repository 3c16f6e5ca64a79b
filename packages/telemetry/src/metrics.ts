import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Metrics = {
  counter: (name: string, help: string, labelNames?: readonly string[]) => Counter;
  gauge: (name: string, help: string, labelNames?: readonly string[]) => Gauge;
  histogram: (name: string, help: string, labelNames?: readonly string[], buckets?: readonly number[]) => Histogram;
  /** Prometheus text format. */
  text: () => Promise<string>;
  contentType: string;
};

/** Seconds; fine below one second, because that is where Muster lives. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** One registry a process. Asking twice for a name gives the same metric. */
export function createMetrics({ service }: { service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const once = <T>(name: string, create: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? create();
  return {
    counter: (name, help, labelNames = []) =>
      once(name, () => new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })),
    gauge: (name, help, labelNames = []) =>
      once(name, () => new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })),
    histogram: (name, help, labelNames = [], buckets = SECONDS) =>
      once(
        name,
        () => new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [registry] }),
      ),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
