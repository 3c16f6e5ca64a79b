import { Option, type Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { explainAnswer, personSyncAnswer, userAnswer, usersAnswer, type ExplainAnswer } from '../answers.js';
import type { AdminApi } from '../admin-api.js';
import { CliError } from '../cli-error.js';
import { formatFields, formatUsers } from '../format-lists.js';
import { toPlain } from '../format-table.js';
import type { Context } from './context.js';
import { wholeNumber } from './options.js';

type UsersOptions = {
  status?: string;
  mfa?: string;
  group?: boolean;
  limit: number;
  integration?: string;
  json?: boolean;
};

export function addUsers(program: Command, context: Context): void {
  const { api, show } = context;
  const users = program.command('users').description('People, by name, UPN or mail');
  users
    // So that what follows `show` belongs to it.
    .enablePositionalOptions()
    .argument('[search]', 'start of a word in name, UPN or mail')
    .addOption(new Option('--status <status>').choices(['active', 'disabled', 'deleted', 'out-of-scope']))
    .addOption(new Option('--mfa <state>').choices(['capable', 'registered', 'not-registered', 'unknown']))
    .option('--limit <n>', 'at most so many, up to 500', wholeNumber(1, 500), 50)
    .option('--integration <id>', 'only this integration')
    .option('--json', 'the answer as JSON')
    .action(async (search: string | undefined, options: UsersOptions) => {
      const { status, mfa, limit, integration } = options;
      const answer = await (
        await api()
      ).call({
        path: '/users',
        query: { search, status, mfa, limit, integrationId: integration },
        answer: usersAnswer,
      });
      show(answer, options, ({ items, nextCursor }) => formatUsers(items, nextCursor !== null));
    });
  users
    .command('show')
    .description('One person, with MFA registration')
    .argument('<id>')
    .option('--integration <id>', 'when several hold that id')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: { integration?: string; json?: boolean }) => {
      const path = `/users/${encodeURIComponent(id)}`;
      const query = { integrationId: options.integration };
      const answer = await (await api()).call({ path, query, answer: userAnswer });
      show(answer, options, (user) => formatFields(user));
    });
  addExplain(users, context);
}

type PersonOptions = { integration?: string; json?: boolean };

function addExplain(users: Command, { api, show }: Context): void {
  const say = (answer: ExplainAnswer, options: PersonOptions): void => {
    show(answer, options, ({ sentences }) => sentences.map(toPlain).join('\n'));
  };
  users
    .command('explain')
    .description('Why a person is in scope or not, as Muster knows it')
    .argument('<id>')
    .option('--integration <id>', 'for somebody who has no document')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: PersonOptions) => {
      say(await explain(await api(), id, options), options);
    });
  users
    .command('sync')
    .description('Read a person in Microsoft 365 now, then say why in scope or not')
    .argument('<id>')
    .option('--integration <id>', 'for somebody who has no document')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: PersonOptions) => {
      const admin = await api();
      const path = `/users/${encodeURIComponent(id)}/sync`;
      const query = { integrationId: options.integration };
      const { requestedAt } = await admin.call({ method: 'POST', path, query, body: {}, answer: personSyncAnswer });
      say(await waitForRead(admin, { id, options, requestedAt }), options);
    });
}

const explain = (admin: AdminApi, id: string, { integration }: PersonOptions): Promise<ExplainAnswer> =>
  admin.call({
    path: `/users/${encodeURIComponent(id)}/explain`,
    query: { integrationId: integration },
    answer: explainAnswer,
  });

const READ_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 300;

async function waitForRead(
  admin: AdminApi,
  { id, options, requestedAt }: { id: string; options: PersonOptions; requestedAt: string },
): Promise<ExplainAnswer> {
  const deadline = Date.now() + READ_LIMIT_MS;
  while (Date.now() < deadline) {
    const answer = await explain(admin, id, options);
    if (answer.read && answer.read.requestedAt >= requestedAt) return answer;
    await sleep(LOOK_EVERY_MS);
  }
  throw new CliError('The read has not ended yet.', `Look later: muster users explain ${id}`);
}
