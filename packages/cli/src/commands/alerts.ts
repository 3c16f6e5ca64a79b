import type { Command } from 'commander';
import { alertsAnswer, type AlertsAnswer } from '../answers.js';
import { formatAlerts, formatRules } from '../format-alerts.js';
import type { Context } from './context.js';

type ListOptions = { all?: boolean; json?: boolean };

/** What needs somebody now, and by which rules. */
export function addAlerts(program: Command, { api, show }: Context): void {
  const alerts = program.command('alerts').description('What needs somebody now, and by which rules');
  const read = async (): Promise<AlertsAnswer> => (await api()).call({ path: '/alerts', answer: alertsAnswer });

  alerts
    .command('list', { isDefault: true })
    .description('What fires, or holds but not for long enough yet')
    .option('--all', 'what is over too, of the last 30 days')
    .option('--json', 'the answer as JSON')
    .action(async ({ all = false, ...options }: ListOptions) => {
      const answer = await read();
      const items = answer.items.filter(({ state }) => all || state !== 'resolved');
      show({ ...answer, items }, options, (shown) => formatAlerts(shown, new Date()));
    });
  alerts
    .command('rules')
    .description('Every rule, when it fires, how it stands now and what to do then')
    .option('--json', 'the answer as JSON')
    .action(async (options: { json?: boolean }) => {
      show(await read(), options, formatRules);
    });
}
