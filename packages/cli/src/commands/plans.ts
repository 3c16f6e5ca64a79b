import { plural } from '@muster/contracts';
import { Option, type Command } from 'commander';
import type { AdminApi } from '../admin-api.js';
import { planAnswer, planPeopleAnswer, plansAnswer, type PlanAnswer } from '../answers.js';
import { CliError } from '../cli-error.js';
import { formatPlanPeople, formatPlans } from '../format-plans.js';
import type { Context } from './context.js';
import { wholeNumber } from './options.js';

type ListOptions = { integration?: string; state?: string; limit: number; cursor?: string; json?: boolean };
type PeopleOptions = { state?: string; limit: number; cursor?: string; json?: boolean };

const withMore = (text: string, nextCursor: string | null): string =>
  nextCursor === null ? text : `${text}\nMore: --cursor ${nextCursor}`;

/** Removals that were too many at once. */
export function addPlans(program: Command, context: Context): void {
  const { api, show } = context;
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
      show(answer, options, (page) => {
        const text = withMore(formatPlanPeople(page), page.nextCursor);
        // Later pages may be of a later plan: the answer is for what was there when one began to look.
        const waiting = page.plan.counts.waiting;
        if (cursor !== undefined || waiting === 0) return text;
        return `${text}\nTo answer for all ${waiting} who wait: --seen-at ${page.plan.updatedAt}`;
      });
    });
  addAnswers(plans, context);
}

type Verb = 'allow' | 'refuse';
type AnswerOptions = { seenAt?: string; json?: boolean };

function addAnswers(plans: Command, { api, show }: Context): void {
  for (const [verb, description] of [
    ['allow', 'Allow the removals, each after a fresh read'],
    ['refuse', 'Refuse the removals: people are kept'],
  ] as const)
    plans
      .command(verb)
      .description(description)
      .argument('<planId>')
      .argument('[userIds...]', 'only these people; with --seen-at everyone who waited then')
      .option('--seen-at <time>', 'AS OF of the plan that you looked at: who was added later keeps waiting')
      .option('--json', 'the answer as JSON')
      .action(async (planId: string, userIds: string[], { seenAt, ...options }: AnswerOptions) => {
        const admin = await api();
        if (userIds.length === 0 && seenAt === undefined) throw await toUnseen(admin, planId, verb);
        const path = `/plans/${encodeURIComponent(planId)}/${verb}`;
        const body = { seenAt, ...(userIds.length === 0 ? {} : { userIds }) };
        const answer = await admin.call({ method: 'POST', path, body, answer: planAnswer });
        show(answer, options, (plan) => {
          const people = plural(userIds.length || countMeant(plan, verb), 'person', 'people');
          const isOlder = seenAt !== undefined && Date.parse(seenAt) < Date.parse(plan.updatedAt);
          const whom = isOlder ? `those of ${people} who waited at ${seenAt}` : people;
          return `${planId}: ${verb === 'allow' ? 'allowed' : 'refused'} for ${whom}; muster plans shows how it goes.`;
        });
      });
}

/** Nobody answers for people whom they did not see. */
async function toUnseen(admin: AdminApi, planId: string, verb: Verb): Promise<CliError> {
  const path = `/plans/${encodeURIComponent(planId)}/people`;
  const { plan } = await admin.call({ path, query: { limit: 1 }, answer: planPeopleAnswer });
  const meant = countMeant(plan, verb);
  if (meant === 0) return new CliError(`Nothing was done. ${planId} is ${plan.state}.`, `Nobody is left to ${verb}.`);
  const people = plural(meant, 'person', 'people');
  return new CliError(
    `Nothing was done. ${planId} is about ${people} as of ${plan.updatedAt}.`,
    `Look at them: muster plans people ${planId}. Then: muster plans ${verb} ${planId} --seen-at ${plan.updatedAt}`,
  );
}

/** Whom an answer for the whole plan is about: those who wait, else those who were answered otherwise. */
function countMeant({ state, counts }: PlanAnswer, verb: Verb): number {
  if (state === 'waiting') return counts.waiting;
  return verb === 'allow' ? counts.refused : counts.allowed;
}
