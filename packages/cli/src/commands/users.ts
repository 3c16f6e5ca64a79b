import { Option, type Command } from 'commander';
import { userAnswer, usersAnswer } from '../answers.js';
import { formatFields, formatUsers } from '../format-lists.js';
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

export function addUsers(program: Command, { api, show }: Context): void {
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
}
