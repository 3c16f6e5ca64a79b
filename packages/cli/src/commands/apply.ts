import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { applyAnswer, type ApplyAnswer, type ScopeAnswer } from '../answers.js';
import { CliError } from '../cli-error.js';
import { formatTable } from '../format-table.js';
import { readSettings } from '../read-settings.js';
import type { Terminal } from '../terminal.js';
import type { Context } from './context.js';

type Options = { dryRun?: boolean; json?: boolean };

export function addApply(program: Command, { api, show, terminal, fail }: Context): void {
  program
    .command('apply')
    .description('Make integrations as a file says; the same file again changes nothing')
    .argument('<file>', 'JSON or YAML; - for stdin. ${NAME} in it comes from the environment: keep secrets there')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'the answer as JSON')
    .action(async (file: string, options: Options) => {
      const wanted = readSettings(await readText(file, terminal), terminal.env);
      const body = { ...wanted, ...(options.dryRun ? { dryRun: true } : {}) };
      const answer = await (await api()).call({ method: 'POST', path: '/apply', body, answer: applyAnswer });
      show(answer, options, formatApplied);
      if (!answer.ok) fail();
    });
}

async function readText(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') {
    const text = await terminal.readStdin();
    if (text !== null) return text;
    throw new CliError('Nothing comes by stdin.', 'Pipe the file in: muster apply - < muster.yaml');
  }
  try {
    return await readFile(resolve(terminal.cwd, file), 'utf8');
  } catch (error) {
    throw new CliError(`${file} cannot be read.`, 'Check its path.', { cause: error });
  }
}

function formatApplied({ dryRun, items }: ApplyAnswer): string {
  const table = formatTable(
    [{ head: 'TENANT' }, { head: 'INTEGRATION' }, { head: dryRun ? 'WOULD BE' : 'IS' }, { head: 'WHAT' }],
    items.map(({ tenantId, integrationId, outcome, changes, problem }) => [
      tenantId,
      integrationId,
      outcome,
      changes.length === 0 ? problem : changes.join(', '),
    ]),
  );
  const told = items.flatMap(({ tenantId, changes, problem, scope }) => [
    ...(scope ? [`${tenantId}: ${formatScope(scope)}`] : []),
    ...(problem && changes.length > 0 ? [`${tenantId}: ${problem}`] : []),
  ]);
  return [table, ...told, ...(dryRun ? ['Nothing was changed.'] : [])].join('\n');
}

function formatScope({ inScope, gain, lose, complete, notes }: ScopeAnswer): string {
  const side = (verb: string, { count, sample }: ScopeAnswer['gain']): string => {
    const names = sample.map(
      ({ displayName, userPrincipalName, userId }) => displayName ?? userPrincipalName ?? userId,
    );
    const more = count > names.length ? `, and ${count - names.length} more` : '';
    return `  ${count} would ${verb}${count === 0 ? '' : `: ${names.join(', ')}${more}`}`;
  };
  if (inScope === null) return ['nobody is read', ...notes.map((n) => `  ${n}`)].join('\n');
  const atLeast = complete ? '' : ' at least; the directory was not read to its end';
  return [
    `${inScope} would be in scope${atLeast}`,
    side('gain', gain),
    side('lose', lose),
    ...notes.map((n) => `  ${n}`),
  ].join('\n');
}
