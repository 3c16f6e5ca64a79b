import type { Command } from 'commander';
import { deadLetterAnswer, deadLettersAnswer } from '../answers.js';
import { CliError } from '../cli-error.js';
import { formatDeadLetters } from '../format-lists.js';
import type { Context } from './context.js';
import { wholeNumber } from './options.js';

type ListOptions = { limit: number; cursor?: string; json?: boolean };

/** Messages that could not be handled: to be looked at, and sent again. */
export function addDeadLetters(program: Command, { api, show }: Context): void {
  const letters = program.command('dead-letters').description('Messages that could not be handled');
  letters
    .command('list', { isDefault: true })
    .description('Newest first')
    .option('--limit <n>', 'at most so many, up to 200', wholeNumber(1, 200), 20)
    .option('--cursor <cursor>', 'go on behind the page that gave it')
    .option('--json', 'the answer as JSON, with payloads (secrets masked)')
    .action(async ({ limit, cursor, ...options }: ListOptions) => {
      const query = { limit, cursor };
      const answer = await (await api()).call({ path: '/dead-letters', query, answer: deadLettersAnswer });
      show(answer, options, (page) =>
        page.nextCursor === null
          ? formatDeadLetters(page)
          : `${formatDeadLetters(page)}\nOlder ones: --cursor ${page.nextCursor}`,
      );
    });
  letters
    .command('replay')
    .description('Send one to its origin again, the same bytes under the same key')
    .argument('<place>', 'partition/offset, as the list says')
    .option('--json', 'the answer as JSON')
    .action(async (place: string, options: { json?: boolean }) => {
      if (!/^\d+\/\d+$/.test(place))
        throw new CliError(`${place} is not a place.`, 'Write partition/offset: muster dead-letters');
      const path = `/dead-letters/${place}/replay`;
      const answer = await (await api()).call({ method: 'POST', path, body: {}, answer: deadLetterAnswer });
      show(answer, options, ({ origin }) => `${place} is on ${origin?.topic ?? 'its origin'} again.`);
    });
}
