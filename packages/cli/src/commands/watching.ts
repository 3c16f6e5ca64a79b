import type { Command } from 'commander';
import { coverageAnswer, subscriptionsAnswer } from '../answers.js';
import { formatCoverage } from '../format-coverage.js';
import { formatSubscriptions } from '../format-subscriptions.js';
import type { Context } from './context.js';

export function addSubscriptions(program: Command, { api, show }: Context): void {
  program
    .command('subscriptions')
    .description('What Graph is asked to tell of one integration: state, end, last renewal and notification, failure')
    .argument('<integrationId>')
    .option('--json', 'the answer as JSON, with what was done about each')
    .action(async (id: string, options: { json?: boolean }) => {
      const path = `/integrations/${encodeURIComponent(id)}/subscriptions`;
      const answer = await (await api()).call({ path, answer: subscriptionsAnswer });
      show(answer, options, ({ items }) => formatSubscriptions(items));
    });
}

export function addCoverage(program: Command, { api, show }: Context): void {
  program
    .command('coverage')
    .description(
      'When notifications came for one integration, when sweeps alone kept it true, when neither; what was lost',
    )
    .argument('<integrationId>')
    .option('--since <time>', 'ISO 8601; the last 24 hours when left out')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, { since, ...options }: { since?: string; json?: boolean }) => {
      const path = `/integrations/${encodeURIComponent(id)}/coverage`;
      const answer = await (await api()).call({ path, query: { since }, answer: coverageAnswer });
      show(answer, options, formatCoverage);
    });
}
