import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { cpus, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * How big a tenant may be and how fast it is read: the simulator as its own process on one core, read over HTTPS by
 * this process on another. Prints what it measured; fails when a goal is missed.
 */
const { values } = parseArgs({
  options: { people: { type: 'string', default: '1000000' }, seconds: { type: 'string', default: '20' } },
});
const PEOPLE = Number(values.people);
const SECONDS = Number(values.seconds);
const GOALS = { rssMiB: 2_048, pagesPerSecond: 60 };
const CORE = cpus().length - 1;

const print = (...parts: string[]) => process.stdout.write(`${parts.join(' ')}\n`);

const root = new URL('..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'simulator-scale-'));

const launch = (): ChildProcess => {
  const node = [
    process.execPath,
    '--conditions=@muster/source',
    `--import=${import.meta.resolve('tsx')}`,
    join(root, 'src/main.ts'),
  ];
  const pinned = process.platform === 'linux' ? ['taskset', '-c', String(CORE), ...node] : node;
  const [command = '', ...args] = pinned;
  const env = { PATH: ['/usr/bin', '/bin'].join(delimiter), PORT: '0', NODE_OPTIONS: '--max-old-space-size=1800' };
  // The certificate is made below the working directory.
  return spawn(command, args, { cwd: folder, env: { ...env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') } });
};

const originOf = (child: ChildProcess) =>
  new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const origin = /"origin":"([^"]+)"/.exec(text)?.[1];
      if (origin !== undefined) resolve(origin);
    });
    child.stderr?.pipe(process.stderr);
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code ?? 'a signal'}: ${text}`)));
  });

type Call = { readonly method?: string; readonly type?: string; readonly token?: string; readonly body?: string };

const createCall = (ca: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca });
  return (url: string, { method = 'GET', type, token, body }: Call = {}) =>
    new Promise<Buffer>((resolve, reject) => {
      const headers = {
        ...(type !== undefined && { 'content-type': type }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        'x-ms-throttle-priority': 'high',
      };
      const sent = request(url, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks);
          if ((answer.statusCode ?? 0) < 300) resolve(text);
          else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text.toString()}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
};

/** Resident memory now, and the most there ever was, in MiB. */
const memoryOf = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { now: read('VmRSS'), most: read('VmHWM') };
};

/** Seconds of processor time, by which a crowded machine can be told from a slow simulator. */
const processorOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

const NEXT = /"@odata.nextLink":"([^"]+)"/;
// The link stands in front of the rows, so the rest need not be parsed.
const nextOf = (page: Buffer) => NEXT.exec(page.subarray(0, 2_000).toString())?.[1];

type Reader = { readonly read: (url: string) => Promise<Buffer>; readonly pid: number };

const measure = async (name: string, first: string, { read, pid }: Reader) => {
  const began = performance.now();
  const processor = processorOf(pid);
  let [pages, bytes] = [0, 0];
  for (let url = first; performance.now() - began < SECONDS * 1000;) {
    const page = await read(url);
    pages += 1;
    bytes += page.length;
    url = nextOf(page) ?? first;
  }
  const seconds = (performance.now() - began) / 1000;
  const used = processorOf(pid) - processor;
  const figures = {
    pagesPerSecond: Math.round(pages / seconds),
    pagesPerProcessorSecond: Math.round(pages / used),
    MiBPerSecond: Math.round(bytes / seconds / 2 ** 20),
  };
  print(name, JSON.stringify(figures));
  return figures;
};

const child = launch();
try {
  const pid = child.pid ?? 0;
  const origin = await originOf(child);
  const call = createCall(readFileSync(join(folder, '.muster/tls/simulator-ca.pem'), 'utf8'));
  const began = performance.now();
  const plan = {
    people: PEOPLE,
    groupMembers: Math.floor(PEOPLE / 3),
    guests: Math.floor(PEOPLE / 50),
    nestedGroups: 6,
  };
  const json = { method: 'POST', type: 'application/json' };
  const created = await call(`${origin}/_simulator/tenants`, { ...json, body: JSON.stringify(plan) });
  const tenant = JSON.parse(created.toString()) as { tenantId: string; clientId: string; clientSecret: string };
  await call(`${origin}/_simulator/faults`, { ...json, method: 'PUT', body: JSON.stringify({ throttling: false }) });
  print(`${PEOPLE} people in ${Math.round((performance.now() - began) / 1000)} s`, JSON.stringify(memoryOf(pid)));
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  });
  const signedIn = await call(`${origin}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    type: 'application/x-www-form-urlencoded',
    body: form.toString(),
  });
  const { access_token: token } = JSON.parse(signedIn.toString()) as { access_token: string };
  const reader = { pid, read: (url: string) => call(url, { token }) };
  const graph = `${origin}/v1.0`;
  await measure('warming up', `${graph}/users?$top=999`, reader);
  const users = await measure('users, default properties', `${graph}/users?$top=999`, reader);
  const select = 'id,displayName,mail,userPrincipalName,accountEnabled,userType,department,jobTitle';
  await measure('users, selected', `${graph}/users?$top=999&$select=${select}`, reader);
  const report = `${graph}/reports/authenticationMethods/userRegistrationDetails?$top=999`;
  await measure('MFA report', report, reader);
  await wait(1_000);
  const memory = memoryOf(pid);
  print('memory, MiB', JSON.stringify(memory));
  const met = memory.most <= GOALS.rssMiB && users.pagesPerProcessorSecond >= GOALS.pagesPerSecond;
  print(met ? 'goals met' : 'goals missed', JSON.stringify(GOALS));
  process.exitCode = met ? 0 : 1;
} finally {
  child.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true });
}
