import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { integrationsAnswer, lagAnswer, rebuildAnswer, reconcileAnswer, runsAnswer, statusAnswer } from '../answers.js';
import { CliError } from '../cli-error.js';
import { formatLag, formatRuns } from '../format-runs.js';
import { formatStatus } from '../format-status.js';
import type { AdminApi } from '../admin-api.js';
import type { Context } from './context.js';
import { wholeNumber } from './options.js';

export function addStatus(program: Command, { api, show }: Context): void {
  program
    .command('status')
    .description('Counts, lag, subscriptions and what needs somebody')
    .option('--json', 'the answer as JSON')
    .action(async (options: { json?: boolean }) => {
      show(await (await api()).call({ path: '/status', answer: statusAnswer }), options, formatStatus);
    });
}

export function addRebuild(program: Command, { api, show }: Context): void {
  program
    .command('rebuild')
    .description('Bring every document of an integration in line with a full read, without outage')
    .argument('<integrationId>')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const path = `/integrations/${encodeURIComponent(id)}/rebuild`;
      const answer = await (await api()).call({ method: 'POST', path, body: {}, answer: rebuildAnswer });
      show(answer, options, ({ reads }) => `${id}: reads of ${reads.join(' and ')} asked for; muster runs ${id}`);
    });
}

export function addRuns(program: Command, { api, show }: Context): void {
  program
    .command('runs')
    .description('Full reads of one integration: progress, when they end, and what they found that nothing had told')
    .argument('<integrationId>')
    .addOption(new Option('--kind <kind>').choices(['users', 'mfa']))
    .option('--limit <n>', 'at most so many, up to 200', wholeNumber(1, 200), 20)
    .option('--json', 'the answer as JSON')
    .action(async (id: string, { kind, limit, ...options }: { kind?: string; limit: number; json?: boolean }) => {
      const path = `/integrations/${encodeURIComponent(id)}/runs`;
      const answer = await (await api()).call({ path, query: { kind, limit }, answer: runsAnswer });
      show(answer, options, ({ items }) => formatRuns(items));
    });
}

export function addLag(program: Command, { api, show }: Context): void {
  program
    .command('lag')
    .description('Lag of one integration over time: the whole way, Microsoft’s share and ours')
    .argument('<integrationId>')
    .option('--since <time>', 'ISO 8601; an hour ago when left out')
    .addOption(new Option('--step <width>', 'of a slice').choices(['1m', '5m', '15m', '1h', '6h']))
    .option('--json', 'the answer as JSON, with every step')
    .action(async (id: string, { since, step, ...options }: { since?: string; step?: string; json?: boolean }) => {
      const path = `/integrations/${encodeURIComponent(id)}/lag`;
      const answer = await (await api()).call({ path, query: { since, step }, answer: lagAnswer });
      show(answer, options, formatLag);
    });
}

type ReconcileOptions = { kind: string; json?: boolean };

export function addReconcile(program: Command, { api, show }: Context): void {
  program
    .command('reconcile')
    .description('Ask for a read of the directory; without an id, of every active integration that has it on')
    .argument('[integrationId]')
    .addOption(
      new Option('--kind <kind>', 'sweep: the cheapest read that repairs')
        .choices(['sweep', 'users', 'mfa'])
        .default('sweep'),
    )
    .option('--json', 'the answer as JSON')
    .action(async (integrationId: string | undefined, options: ReconcileOptions) => {
      const admin = await api();
      const ids = integrationId === undefined ? await listActive(admin, options.kind) : [integrationId];
      const items: z.infer<typeof reconcileAnswer>[] = [];
      for (const id of ids) {
        const path = `/integrations/${encodeURIComponent(id)}/reconcile`;
        items.push(await admin.call({ method: 'POST', path, body: { kind: options.kind }, answer: reconcileAnswer }));
      }
      show({ items }, options, () =>
        items.map(({ integrationId: id, kind }) => `${id}: ${kind} asked for.`).join('\n'),
      );
    });
}

/** Those that have what is to be read. */
async function listActive(admin: AdminApi, kind: string): Promise<string[]> {
  const { items } = await admin.call({ path: '/integrations', answer: integrationsAnswer });
  const active = items.filter(({ state }) => state === 'active');
  if (active.length === 0)
    throw new CliError('No integration is active.', 'Start one first: muster integrations start ID');
  const fit = active.filter(
    ({ features }) => kind === 'sweep' || features[kind === 'mfa' ? 'mfaVerification' : 'userSync'],
  );
  if (fit.length === 0)
    throw new CliError(
      `No active integration has ${kind === 'mfa' ? 'MFA Verification' : 'User Sync'} on.`,
      'Ask for another --kind, or turn it on in the setup of one.',
    );
  return fit.map(({ integrationId }) => integrationId);
}
