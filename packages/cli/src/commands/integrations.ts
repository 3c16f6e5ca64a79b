import type { Command } from 'commander';
import { checkAnswer, integrationAnswer, integrationsAnswer, type IntegrationAnswer } from '../answers.js';
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
}

const toPath = (id: string, verb: string): string => `/integrations/${encodeURIComponent(id)}/${verb}`;

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
