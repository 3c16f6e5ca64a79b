import { plural } from '@muster/contracts';
import { Option, type Command } from 'commander';
import { planAnswer, planPeopleAnswer, plansAnswer } from '../answers.js';
import { formatPlanPeople, formatPlans } from '../format-plans.js';
import type { Context } from './context.js';
import { wholeNumber } from './options.js';

type ListOptions = { integration?: string; state?: string; limit: number; cursor?: string; json?: boolean };
type PeopleOptions = { state?: string; limit: number; cursor?: string; json?: boolean };

const withMore = (text: string, nextCursor: string | null): string =>
  nextCursor === null ? text : `${text}\nMore: --cursor ${nextCursor}`;

/** Removals that were too many at once. */
export function addPlans(program: Command, { api, show }: Context): void {
  const plans = program.command('plans').description('Removals that were too many at once and wait for somebody');
  plans
    .command('list', { isDefault: true })
    .option('--integration <id>', 'only this integration')
    .addOption(new Option('--state <state>').choices(['waiting', 'allowed', 'refused', 'done']))
    .option('--limit <n>', 'at most so many, up to 200', wholeNumber(1, 200), 20)
    .option('--cursor <cursor>', 'go on behind the page that gave it')
    .option('--json', 'the answer as JSON')
    .action(async ({ integration, state, limit, cursor, ...options }: ListOptions) => {
      const query = { integrationId: integration, state, limit, cursor };
      const answer = await (await api()).call({ path: '/plans', query, answer: plansAnswer });
      show(answer, options, ({ items, nextCursor }) => withMore(formatPlans(items), nextCursor));
    });
  plans
    .command('people')
    .description('Whom a plan would remove, and what became of each')
    .argument('<planId>')
    .addOption(
      new Option('--state <state>').choices(['waiting', 'allowed', 'refused', 'removed', 'stayed', 'superseded']),
    )
    .option('--limit <n>', 'at most so many, up to 500', wholeNumber(1, 500), 50)
    .option('--cursor <cursor>', 'go on behind the page that gave it')
    .option('--json', 'the answer as JSON')
    .action(async (planId: string, { state, limit, cursor, ...options }: PeopleOptions) => {
      const path = `/plans/${encodeURIComponent(planId)}/people`;
      const answer = await (await api()).call({ path, query: { state, limit, cursor }, answer: planPeopleAnswer });
      show(answer, options, (page) => withMore(formatPlanPeople(page), page.nextCursor));
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
          return `${id}: ${verb === 'allow' ? 'allowed' : 'refused'} for ${plural(people, 'person', 'people')}; muster plans shows how it goes.`;
        });
      });
}
