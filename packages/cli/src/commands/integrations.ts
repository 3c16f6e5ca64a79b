import type { Command } from 'commander';
import {
  checkAnswer,
  integrationAnswer,
  integrationsAnswer,
  nothingAnswer,
  readIntegrationAnswer,
  type IntegrationAnswer,
} from '../answers.js';
import { CliError } from '../cli-error.js';
import { formatCheck, formatIntegrations } from '../format-lists.js';
import { toPlain } from '../format-table.js';
import { readSecret, toInstant } from '../read-secret.js';
import type { Context } from './context.js';

type CreateOptions = {
  name: string;
  tenantId: string;
  clientId: string;
  secretExpires: string;
  groupId?: string;
  cloud?: string;
  mfa: boolean;
  users: boolean;
  guests: boolean;
  json?: boolean;
};
type Json = { json?: boolean };

export function addIntegrations(program: Command, context: Context): void {
  const { api, show } = context;
  const integrations = program.command('integrations').description('Tenants that Muster serves');
  integrations
    .command('list', { isDefault: true })
    .option('--json', 'the answer as JSON')
    .action(async (options: Json) => {
      const answer = await (await api()).call({ path: '/integrations', answer: integrationsAnswer });
      show(answer, options, ({ items }) => formatIntegrations(items));
    });
  addCreate(integrations, context);
  integrations
    .command('check')
    .description('Prove against the tenant that the settings work; exit code 1 when something is missing')
    .argument('<id>')
    .option('--json', 'the answer as JSON')
    .action(async (id: string, options: Json) => {
      const answer = await (await api()).call({ method: 'POST', path: toPath(id, 'check'), answer: checkAnswer });
      show(answer, options, formatCheck);
      if (!answer.ok) context.fail();
    });
  for (const [verb, description] of [
    ['start', 'Start, or start again'],
    ['pause', 'Pause: subscriptions stay, nothing is read'],
  ] as const)
    integrations
      .command(verb)
      .description(description)
      .argument('<id>')
      .option('--json', 'the answer as JSON')
      .action(async (id: string, options: Json) => {
        const answer = await (await api()).call({ method: 'POST', path: toPath(id, verb), answer: integrationAnswer });
        show(answer, options, ({ name, state }) => `${toPlain(name)} is ${state}.`);
      });
  addRemove(integrations, context);
}

const toPath = (id: string, verb?: string): string =>
  `/integrations/${encodeURIComponent(id)}${verb === undefined ? '' : `/${verb}`}`;

type RemoveOptions = Json & { name?: string; yes?: boolean };

function addRemove(integrations: Command, { api, show }: Context): void {
  integrations
    .command('remove')
    .description(
      'Remove for good: unsubscribed, its people shown to nobody and later forgotten; only with its name or --yes',
    )
    .argument('<id>')
    .option('--name <name>', 'its name, typed back')
    .option('--yes', 'without its name, for scripts')
    .option('--json', 'what is removed, as JSON')
    .action(async (id: string, { name: typed, yes = false, ...options }: RemoveOptions) => {
      const admin = await api();
      const path = toPath(id);
      const { integrationId, name, tenantId, state, revision } = await admin.call({
        path,
        answer: readIntegrationAnswer,
      });
      if (state !== 'removed') {
        assertMeant({ integrationId, name, tenantId, state }, { typed, yes });
        // Only what was looked at: not one that got another name or tenant in between.
        await admin.call({ method: 'DELETE', path, ifMatch: revision, answer: nothingAnswer });
      }
      // Not read again: the key of a single integration opens nothing from here on.
      show({ integrationId, name, tenantId, state: 'removed' }, options, () => `${toPlain(name)} is removed.`);
    });
}

type Meant = Pick<IntegrationAnswer, 'integrationId' | 'name' | 'tenantId' | 'state'>;

/** An id says nothing to whoever types it: one is easily taken for another. */
function assertMeant(
  { integrationId, name, tenantId, state }: Meant,
  { typed, yes }: { typed: string | undefined; yes: boolean },
): void {
  if (typed === undefined ? yes : typed.trim() === toPlain(name).trim()) return;
  throw new CliError(
    `Nothing was removed. ${integrationId} is ${toPlain(name)} (${state}) of tenant ${tenantId}.`,
    // Its name is not put into a line that people paste into a shell: whoever may rename it would write that line.
    `There is no way back. Type its name: muster integrations remove ${integrationId} --name …`,
  );
}

function addCreate(integrations: Command, { api, show, terminal }: Context): void {
  integrations
    .command('create')
    .description('Create a draft. The client secret comes by stdin or MUSTER_CLIENT_SECRET, never as an argument')
    .requiredOption('--name <name>', 'what people call it')
    .requiredOption('--tenant-id <id>', 'Directory (tenant) ID')
    .requiredOption('--client-id <id>', 'Application (client) ID')
    .requiredOption('--secret-expires <date>', 'when the client secret expires: 2028-01-31, or with a time')
    .option('--group-id <id>', 'Object ID of the group whose people are in scope (default: everyone)')
    .option('--cloud <cloud>', 'global, us-gov-l4, us-gov-l5, china or custom')
    .option('--no-users', 'without user sync')
    .option('--no-mfa', 'without MFA verification')
    .option('--no-guests', 'without guests')
    .option('--json', 'the answer as JSON')
    .action(async (options: CreateOptions) => {
      const body = {
        name: options.name,
        tenantId: options.tenantId,
        clientId: options.clientId,
        clientSecret: await readSecret(terminal, 'muster integrations create'),
        secretExpiresAt: toInstant(options.secretExpires),
        groupId: options.groupId ?? null,
        features: { userSync: options.users, mfaVerification: options.mfa },
        includeGuests: options.guests,
        ...(options.cloud === undefined ? {} : { cloud: options.cloud }),
      };
      const answer = await (
        await api()
      ).call({ method: 'POST', path: '/integrations', body, answer: integrationAnswer });
      show(answer, options, formatCreated);
    });
}

const formatCreated = ({ integrationId, name, remarks = [] }: IntegrationAnswer): string =>
  [
    `${toPlain(name)} is a draft: ${integrationId}`,
    ...remarks.map((remark) => `· ${remark}`),
    `Next: muster integrations check ${integrationId}`,
  ].join('\n');
