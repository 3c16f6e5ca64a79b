import type { Command } from 'commander';
import { z } from 'zod';
import { hashPassword } from '@muster/contracts';
import { CliError } from '../cli-error.js';
import type { Context } from './context.js';

const LEAST_CHARACTERS = 16;
const setupLinkAnswer = z.object({ url: z.string(), expiresAt: z.string() });

/** Ways in for operators that need no Microsoft. */
export function addAccess(program: Command, { api, show, terminal }: Context): void {
  program
    .command('setup-link')
    .description('Make a link that signs an operator in, once, within an hour')
    .option('--json', 'the answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const answer = await (await api()).call({ method: 'POST', path: '/setup-links', answer: setupLinkAnswer });
      show(answer, options, ({ url, expiresAt }) => `${url}\nGood for one use, until ${expiresAt}.`);
    });
  program
    .command('break-glass')
    .description('Hash the break-glass password that comes by stdin; the line goes into the environment of admin')
    .action(async () => {
      const password = (await terminal.readStdin())?.replace(/\r?\n$/, '');
      if (password === undefined || password.length < LEAST_CHARACTERS)
        throw new CliError(
          `No password of at least ${LEAST_CHARACTERS} characters came by stdin.`,
          'For example: openssl rand -base64 24 | tee password.txt | pnpm muster break-glass',
        );
      terminal.out(`BREAK_GLASS_HASH=${await hashPassword(password)}`);
    });
}
