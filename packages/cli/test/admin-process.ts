import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@muster/test-support';
import { run } from '../src/index.js';

const KEY = 'operator-key-of-the-command-line-tests';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export type Typed = { code: number; out: string; complaints: string };
export type TypeOptions = { key?: string; stdin?: string | null; env?: Record<string, string> };
export type AdminProcess = {
  isReady: () => Promise<boolean>;
  /** A command at a terminal whose admin service this is. */
  type: (argv: string[], options?: TypeOptions) => Promise<Typed>;
  /** Answers the exit code. */
  stop: () => Promise<number | null>;
};

/** The admin service as it runs in production, but from source. */
export async function startAdminProcess(
  kafkaBrokers: string,
  { prefix, mongodbUri }: { prefix: string; mongodbUri: string },
): Promise<AdminProcess> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const admin: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@muster/source', '--import', 'tsx', 'services/admin/src/main.ts'],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        PORT: String(port),
        TLS_CERT_FILE: '',
        TLS_KEY_FILE: '',
        MUSTER_KEYS: randomBytes(32).toString('base64'),
        MUSTER_BOOTSTRAP_KEY: KEY,
        PUBLIC_ADMIN_URL: url,
        KAFKA_BROKERS: kafkaBrokers,
        KAFKA_TOPIC_PREFIX: prefix,
        MONGODB_URI: mongodbUri,
      },
    },
  );
  return {
    async isReady() {
      if (admin.exitCode !== null) throw new Error(`admin ended with ${admin.exitCode}`);
      return (await fetch(`${url}/readyz`)).status === 200;
    },
    async type(argv, { key = KEY, stdin = null, env: own = {} } = {}) {
      const [out, complaints]: [string[], string[]] = [[], []];
      const code = await run(argv, {
        env: { MUSTER_URL: url, MUSTER_API_KEY: key, ...own },
        cwd: '/',
        out: (line) => out.push(line),
        complain: (line) => complaints.push(line),
        readStdin: () => Promise.resolve(stdin),
      });
      return { code, out: out.join('\n'), complaints: complaints.join('\n') };
    },
    async stop() {
      admin.kill('SIGTERM');
      if (admin.exitCode === null) await once(admin, 'exit');
      return admin.exitCode;
    },
  };
}
