import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import mongoose from 'mongoose';
import type { Options } from './options.js';
import type { Measured } from './row.js';
import { CORES } from './servers.js';

export type Result = Measured & { id: string; what: string; goal: string };

/** The server's own name and version: figures on two databases are two different figures. */
export async function describeDatabase(uri: string): Promise<string> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    const info = (await connection.db?.command({ buildInfo: 1 })) as Record<string, unknown> | undefined;
    const { hostname } = new URL(uri);
    const isSecantus = Object.keys(info ?? {}).some((key) => /secantus/i.test(key + JSON.stringify(info?.[key])));
    return `${isSecantus ? 'SecantusDB, speaking as MongoDB' : 'MongoDB'} ${String(info?.version)} on ${hostname}`;
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

export type Report = { options: Options; database: string; results: readonly Result[] };

/** Everything, raw samples too; answers the file. */
export function writeReport(folder: string, report: Report): string {
  const at = new Date().toISOString();
  const file = join(folder, 'bench', `${at.replaceAll(/[:.]/g, '-')}.json`);
  mkdirSync(join(folder, 'bench'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at, machine: describeMachine(), ...report }, null, 1)}\n`);
  return file;
}

const VERDICT = { true: 'met', false: 'missed', null: '–' } as const;

export function printTable(results: readonly Result[], database: string): string {
  const { cpu, memoryGiB, node, pinned, load } = describeMachine();
  const table = new Table({
    head: ['row', 'what', 'measured', 'goal', ''],
    colWidths: [5, 34, 54, 34, 8],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { id, what, measured, goal, met } of results) table.push([id, what, measured, goal, VERDICT[`${met}`]]);
  const notes = results.flatMap(({ id, notes = [] }) => notes.map((note) => `${id}: ${note}`));
  const machine = `${cpu}, ${memoryGiB} GiB, Node ${node}, cores ${pinned ? 'pinned' : 'not pinned'}, load ${load.join(' ')}; ${database}`;
  return [table.toString(), machine, ...notes].join('\n');
}
