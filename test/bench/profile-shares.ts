import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type CallFrame = { functionName: string; url: string; lineNumber: number; columnNumber: number };
/** As V8 writes it; deltas in µs, one ahead of each sample. */
export type CpuProfile = {
  nodes: { id: number; callFrame: CallFrame }[];
  samples: number[];
  timeDeltas: number[];
};
export type Shares = { seconds: number; shares: (readonly [part: string, percent: number])[] };

const IDLE = '(idle)';
const META: Readonly<Record<string, string>> = { '(garbage collector)': 'garbage', '(program)': 'native' };

/** Where a function stands in the sources, by its place in what ran. */
type ToSource = (frame: CallFrame) => string;

/** A package of npm's, one of ours, node itself, garbage, or what V8 does not name. */
export function partOf(frame: CallFrame, toSource: ToSource): string {
  const meta = META[frame.functionName];
  if (meta !== undefined) return meta;
  if (frame.url === '' || frame.url.startsWith('node:')) return 'node';
  const source = toSource(frame);
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
  if (name !== undefined) return name;
  return /((?:packages|services)\/[^/]+)/.exec(source)?.[1] ?? 'others';
}

/** Of the time in which it did anything, the largest first. */
export function toShares({ nodes, samples, timeDeltas }: CpuProfile, toSource: ToSource): Shares {
  const parts = new Map(
    nodes.flatMap(({ id, callFrame }) =>
      callFrame.functionName === IDLE ? [] : [[id, partOf(callFrame, toSource)] as const],
    ),
  );
  const spent = new Map<string, number>();
  samples.forEach((id, index) => {
    const part = parts.get(id);
    if (part !== undefined) spent.set(part, (spent.get(part) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const all = [...spent.values()].reduce((sum, one) => sum + one, 0);
  const shares = [...spent].map(([part, us]) => [part, Math.round((us / all) * 1_000) / 10] as const);
  return { seconds: Math.round(all / 1e5) / 10, shares: shares.toSorted(([, one], [, other]) => other - one) };
}

/** By the map that lies beside a bundle. */
function createToSource(): ToSource {
  const maps = new Map<string, SourceMap | null>();
  return ({ url, lineNumber, columnNumber }) => {
    if (!url.startsWith('file:')) return url;
    let map = maps.get(url);
    if (map === undefined) {
      const file = `${fileURLToPath(url)}.map`;
      map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload) : null;
      maps.set(url, map);
    }
    const found = map?.findEntry(lineNumber, columnNumber);
    return found && 'originalSource' in found ? found.originalSource : url;
  };
}

const SHOWN = 8;

/** A line for each profile of the folder, in the order in which the processes ended. */
export function describeProfiles(folder: string): string[] {
  const toSource = createToSource();
  const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
  return files.toSorted().map((file) => {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
    const { seconds, shares } = toShares(profile, toSource);
    const shown = shares.slice(0, SHOWN).map(([part, percent]) => `${part} ${percent} %`);
    return `${basename(file, '.cpuprofile')}: ${seconds} s of CPU: ${shown.join(', ')}`;
  });
}
