import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error.js';
import { addAccess } from './commands/access.js';
import { addAlerts } from './commands/alerts.js';
import { addApply } from './commands/apply.js';
import { createContext } from './commands/context.js';
import { addDeadLetters } from './commands/dead-letters.js';
import { addIntegrations } from './commands/integrations.js';
import { addPlans } from './commands/plans.js';
import { addSealingKeys, addSecrets } from './commands/secrets.js';
import { addLag, addRebuild, addReconcile, addRuns, addStatus } from './commands/status.js';
import { addUsers } from './commands/users.js';
import { addCoverage, addSubscriptions } from './commands/watching.js';
import type { Terminal } from './terminal.js';

/** 0 = done, 1 = refused or not possible, 2 = the command itself is wrong. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const context = createContext(terminal, () => {
    exitCode = 1;
  });
  const program = new Command('muster')
    .description('Muster at a terminal. MUSTER_URL, MUSTER_API_KEY; else the system that ./scripts/start runs here.')
    // What follows a command belongs to it, also where a command above knows an option of that name.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    });
  for (const add of [
    addStatus,
    addUsers,
    addIntegrations,
    addApply,
    addSecrets,
    addSealingKeys,
    addReconcile,
    addRebuild,
    addRuns,
    addLag,
    addSubscriptions,
    addCoverage,
    addAlerts,
    addPlans,
    addDeadLetters,
    addAccess,
  ])
    add(program, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CliError)) throw error;
    terminal.complain(`muster: ${error.message.trim()}`);
    return 1;
  }
  return exitCode;
}
