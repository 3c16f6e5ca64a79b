import type { Command } from 'commander';
import { credentialsAnswer, rotationAnswer, secretTestAnswer, type CredentialsAnswer } from '../answers.js';
import { formatTable, toPlain } from '../format-table.js';
import { readSecret, toInstant } from '../read-secret.js';
import type { Context } from './context.js';

type Json = { json?: boolean };

/** A new secret is entered beside the old, tested, switched to. */
export function addSecrets(program: Command, { api, show, terminal, fail }: Context): void {
  const secrets = program.command('secrets').description('Credentials of an integration: two secrets, a certificate');
  const pathOf = (id: string, rest = ''): string => `/integrations/${encodeURIComponent(id)}/secrets${rest}`;
  const list = async (id: string): Promise<CredentialsAnswer> =>
    (await api()).call({ path: pathOf(id), answer: credentialsAnswer });

  secrets
    .command('list', { isDefault: true })
    .argument('<id>')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: Json) => show(await list(id), options, formatCredentials));
  secrets
    .command('enter')
    .description('Into the free slot; nothing switches yet. The secret comes by stdin or MUSTER_CLIENT_SECRET')
    .argument('<id>')
    .requiredOption('--secret-expires <date>', 'when it expires: 2028-01-31, or with a time')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: Json & { secretExpires: string }) => {
      const { freeSlot, revision } = await list(id);
      const body = {
        clientSecret: await readSecret(terminal, `muster secrets enter ${id}`),
        secretExpiresAt: toInstant(options.secretExpires),
      };
      const path = pathOf(id, `/${freeSlot}`);
      const call = { method: 'PUT' as const, path, body, ifMatch: revision, answer: credentialsAnswer };
      show(
        await (await api()).call(call),
        options,
        (answer) => `${formatCredentials(answer)}\nNext: muster secrets use ${id} ${freeSlot}`,
      );
    });
  secrets
    .command('test')
    .description('Sign in with it; changes nothing. Exit code 1 when Microsoft refuses')
    .argument('<id>')
    .argument('<slot>', 'a, b or certificate')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, slot: string, options: Json) => {
      const path = pathOf(id, `/${encodeURIComponent(slot)}/test`);
      const answer = await (await api()).call({ method: 'POST', path, answer: secretTestAnswer });
      show(answer, options, ({ verdicts }) => verdicts.map(({ text }) => toPlain(text)).join('\n'));
      if (!answer.ok) fail();
    });
  for (const [verb, method, description] of [
    ['use', 'POST', 'Test it, then switch to it; the former one stays beside it'],
    ['remove', 'DELETE', 'Remove one that is not in use'],
  ] as const)
    secrets
      .command(verb)
      .description(description)
      .argument('<id>')
      .argument('<slot>', 'a, b or certificate')
      .option('--json', 'the answer as JSON')
      .action(async (id: string, slot: string, options: Json) => {
        const path = pathOf(id, `/${encodeURIComponent(slot)}${verb === 'use' ? '/use' : ''}`);
        show(await (await api()).call({ method, path, answer: credentialsAnswer }), options, formatCredentials);
      });
}

/** `keys` here are those that seal what is stored; API keys have pages of their own. */
export function addSealingKeys(program: Command, { api, show }: Context): void {
  program
    .command('keys')
    .description('Keys that seal secrets at rest (MUSTER_KEYS)')
    .command('rotate')
    .description('Seal everything with the newest key; afterwards the older ones may leave MUSTER_KEYS')
    .option('--json', 'the answer as JSON')
    .action(async (options: Json) => {
      const answer = await (await api()).call({ method: 'POST', path: '/sealing/rotate', answer: rotationAnswer });
      show(
        answer,
        options,
        ({ resealed, upToDate }) => `${resealed} sealed anew, ${upToDate} were sealed with the newest key already.`,
      );
    });
}

const formatCredentials = ({ items }: CredentialsAnswer): string =>
  formatTable(
    [{ head: 'SLOT' }, { head: 'ENDS IN' }, { head: 'EXPIRES' }, { head: 'DAYS' }, { head: '' }, { head: '' }],
    items.map(({ slot, hint, expiresAt, daysLeft, inUse, warning }) => [
      slot,
      hint,
      expiresAt.slice(0, 10),
      String(daysLeft),
      inUse ? 'in use' : null,
      warning?.text ?? null,
    ]),
  );
