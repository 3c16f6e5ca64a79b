import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StackError } from './stack-error.js';

const execute = promisify(execFile);

/** What `command --version` prints (Java says it on stderr), or undefined when there is no such command. */
async function versionOf(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await execute(command, args, { timeout: 20_000 });
    return stdout + stderr;
  } catch {
    return undefined;
  }
}

async function hasJava17(): Promise<boolean> {
  const major = /version "(\d+)/.exec((await versionOf('java', '-version')) ?? '')?.[1];
  return Number(major) >= 17;
}

export async function hasPython311(): Promise<boolean> {
  const found = /Python 3\.(\d+)/.exec((await versionOf('python3', '--version')) ?? '')?.[1];
  return Number(found) >= 11;
}

export const isOnPath = async (command: string): Promise<boolean> =>
  (await versionOf(command, '--version')) !== undefined;

export type Needs = {
  readonly kafka: boolean;
  readonly kafkaDownload: boolean;
  readonly mongo: boolean;
};

async function findMissing({ kafka, kafkaDownload, mongo }: Needs): Promise<string[]> {
  const checks = [
    ...(kafka ? [hasJava17().then((has) => (has ? '' : 'Java 17 or later (for Kafka)'))] : []),
    ...(kafkaDownload
      ? [versionOf('mvn', '--version').then((found) => (found ? '' : 'Maven (fetches Kafka, once)'))]
      : []),
    ...(mongo
      ? [hasPython311().then((has) => (has ? '' : 'mongod, or Python 3.11 or later (for a MongoDB server)'))]
      : []),
  ];
  return (await Promise.all(checks)).filter((missing) => missing !== '');
}

/** One message for everything that is missing, and the three ways to supply it. */
export async function requireTools(needs: Needs): Promise<void> {
  const missing = await findMissing(needs);
  if (missing.length === 0) return;
  throw new StackError(
    `Missing on this machine:\n${missing.map((line) => `  - ${line}`).join('\n')}`,
    [
      'Any one of these supplies it:',
      '  1. install it, for example: apt install openjdk-17-jdk-headless maven python3 python3-venv',
      '  2. name servers that you have: KAFKA_BROKERS=host:9092 MONGODB_URI=mongodb://host:27017/muster ./scripts/start',
      '  3. use Docker instead: cp .env.example .env, fill in the keys, docker compose up',
    ].join('\n'),
  );
}
