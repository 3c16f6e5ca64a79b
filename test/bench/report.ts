import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import mongoose from 'mongoose';
import type { Options } from './options.js';
import type { Measured } from './row.js';
import { CORES } from './servers.js';

export type Result = Measured & { id: string; what: string; goal: string; seconds: number };

/** The server's own name and version: figures on two databases are two different figures. */
export async function describeDatabase(uri: string): Promise<string> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    const info = (await connection.db?.command({ buildInfo: 1 })) as Record<string, unknown> | undefined;
    const { hostname } = new URL(uri);
    const isSecantus = Object.keys(info ?? {}).some((key) => /secantus/i.test(key + JSON.stringify(info?.[key])));
    const itself = typeof info?.secantusVersion === 'string' ? ` ${info.secantusVersion}` : '';
    const name = isSecantus ? `SecantusDB${itself}, speaking as MongoDB` : 'MongoDB';
    return `${name} ${String(info?.version)} on ${hostname}`;
  } finally {
    await connection.close();
  }
}

export function describeMachine() {
  const [cpu] = cpus();
  return {
    cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    pinned: CORES !== null,
    /** Over 1, 5, 15 minutes: what else ran here. */
    load: loadavg().map((value) => Math.round(value * 10) / 10),
  };
}

export type Report = { commit: string; options: Options; database: string; results: readonly Result[] };

/**
 * Everything, raw samples too, and a fragment for docs/measurements.md beside it; answers both files. Written again
 * after each row, so that a run that ends badly has what it measured until then.
 */
export function writeReport(folder: string, begunAt: Date, report: Report): { json: string; markdown: string } {
  const at = begunAt.toISOString();
  const stem = join(folder, 'bench', at.replaceAll(/[:.]/g, '-'));
  const files = { json: `${stem}.json`, markdown: `${stem}.md` };
  mkdirSync(join(folder, 'bench'), { recursive: true });
  writeFileSync(files.json, `${JSON.stringify({ at, machine: describeMachine(), ...report }, null, 1)}\n`);
  writeFileSync(files.markdown, toMarkdown(at, report));
  return files;
}

const VERDICT = { true: 'met', false: 'missed', null: '–' } as const;

const describeRun = (database: string): string => {
  const { cpu, memoryGiB, node, pinned, load } = describeMachine();
  return `${cpu}, ${memoryGiB} GiB, Node ${node}, cores ${pinned ? 'pinned' : 'not pinned'}, load ${load.join(' ')}; ${database}`;
};

function toMarkdown(at: string, { commit, results, database }: Report): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const lines = results.map(({ id, what, measured, goal, met, seconds }) =>
    [id, what, measured, goal, VERDICT[`${met}`], `${Math.round(seconds)} s`].map(cell).join(' | '),
  );
  const head = ['row', 'what', 'measured', 'goal', 'state', 'took'];
  const rule = head.map(() => '---').join(' | ');
  const table = [head.join(' | '), rule, ...lines].map((line) => `| ${line} |`).join('\n');
  const notes = notesOf(results).map((note) => `- ${note}`);
  return `${at}, of ${commit}, \`pnpm bench ${process.argv.slice(2).join(' ')}\`. ${describeRun(database)}\n\n${table}\n\n${notes.join('\n')}\n`;
}

const notesOf = (results: readonly Result[]): string[] =>
  results.flatMap(({ id, notes = [] }) => notes.map((note) => `${id}: ${note}`));

export function printTable(results: readonly Result[], database: string): string {
  const table = new Table({
    head: ['row', 'what', 'measured', 'goal', ''],
    colWidths: [5, 34, 54, 34, 8],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { id, what, measured, goal, met } of results) table.push([id, what, measured, goal, VERDICT[`${met}`]]);
  return [table.toString(), describeRun(database), ...notesOf(results)].join('\n');
}
