import { createAdminApi, type AdminApi } from '../admin-api.js';
import { findAccess } from '../find-access.js';
import type { Terminal } from '../terminal.js';

export type Context = {
  terminal: Terminal;
  /** Made when first needed, so that --help needs no key. */
  api: () => Promise<AdminApi>;
  /** The answer as it is with --json, else for people. */
  show: <T>(answer: T, options: { json?: boolean | undefined }, format: (answer: T) => string) => void;
  /** The run ends with this exit code, though nothing broke. */
  fail: () => void;
};

export const createContext = (terminal: Terminal, fail: () => void): Context => ({
  terminal,
  fail,
  api: async () => {
    const { origin, key } = await findAccess(terminal.env, terminal.cwd);
    return createAdminApi(origin, key);
  },
  show: (answer, { json = false }, format) => terminal.out(json ? JSON.stringify(answer, null, 2) : format(answer)),
});
