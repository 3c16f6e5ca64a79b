import { Option, type Command } from 'commander';
import { planAnswer, plansAnswer } from '../answers.js';
import { formatPlans } from '../format-plans.js';
import type { Context } from './context.js';
import { wholeNumber } from './options.js';

type ListOptions = { integration?: string; state?: string; limit: number; json?: boolean };

/** Removals that were too many at once. */
export function addPlans(program: Command, { api, show }: Context): void {
  const plans = program.command('plans').description('Removals that were too many at once and wait for somebody');
  plans
    .command('list', { isDefault: true })
    .option('--integration <id>', 'only this integration')
    .addOption(new Option('--state <state>').choices(['waiting', 'allowed', 'refused', 'done']))
    .option('--limit <n>', 'at most so many, up to 200', wholeNumber(1, 200), 20)
    .option('--json', 'the answer as JSON, with everyone concerned')
    .action(async ({ integration, state, limit, ...options }: ListOptions) => {
      const query = { integrationId: integration, state, limit };
      const answer = await (await api()).call({ path: '/plans', query, answer: plansAnswer });
      show(answer, options, ({ items }) => formatPlans(items));
    });
  for (const [verb, description] of [
    ['allow', 'Allow the removals, each after a fresh read'],
    ['refuse', 'Refuse the removals: people are kept'],
  ] as const)
    plans
      .command(verb)
      .description(description)
      .argument('<planId>')
      .argument('[userIds...]', 'only these people; everyone who waits when left out')
      .option('--json', 'the answer as JSON')
      .action(async (planId: string, userIds: string[], options: { json?: boolean }) => {
        const path = `/plans/${encodeURIComponent(planId)}/${verb}`;
        const body = userIds.length === 0 ? {} : { userIds };
        const answer = await (await api()).call({ method: 'POST', path, body, answer: planAnswer });
        show(answer, options, ({ planId: id, counts }) => {
          const people = userIds.length === 0 ? counts.waiting + counts.refused : userIds.length;
          return `${id}: ${verb === 'allow' ? 'allowed' : 'refused'} for ${people} people; muster plans shows how it goes.`;
        });
      });
}
