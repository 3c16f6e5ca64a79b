import { brokers, mongodbUri } from '@muster/config';
import { connect } from 'node:net';
import type { z } from 'zod';
import { StackError } from './stack-error.js';
import { waitUntil } from './wait-until.js';

/** Servers that exist already and are used instead of starting any. */
export type GivenServers = { readonly kafkaBrokers?: string | undefined; readonly mongodbUri?: string | undefined };

type Address = { readonly host: string; readonly port: number };

const toAddress = (text: string, usualPort: number): Address => {
  const [, host = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? usualPort) };
};

/** The hosts between the credentials and the database; none for mongodb+srv, whose hosts DNS knows. */
function mongoAddresses(uri: string): Address[] {
  const hosts = /^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(uri)?.[1]?.split(',') ?? [];
  return hosts.map((host) => toAddress(host, 27_017));
}

function accepts({ host, port }: Address): Promise<boolean> {
  return new Promise((settle, fail) => {
    const socket = connect({ host, port });
    socket.setTimeout(2_000, () => socket.destroy(new Error(`no answer from ${host}:${port}`)));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
  });
}

type Given = { readonly variable: string; readonly field: z.ZodType; readonly value: string; readonly at: Address[] };

async function requireOne({ variable, field, value, at }: Given, withinMs: number): Promise<void> {
  const cure = `Start it, correct ${variable}, or leave it unset: then one is started here.`;
  const problem = field.safeParse(value).error?.issues[0]?.message;
  if (problem !== undefined) throw new StackError(`${variable} ${problem}.`, `Correct ${variable}, or leave it unset.`);
  if (at.length === 0) return;
  const what = `${variable}: ${at.map(({ host, port }) => `${host}:${port}`).join(', ')} answers`;
  const anyone = (): Promise<boolean> => Promise.any(at.map(accepts)).catch(throwFirst);
  await waitUntil(anyone, { what, withinMs, everyMs: 250 }).catch((error: unknown) => {
    throw new StackError(error instanceof Error ? error.message : String(error), cure);
  });
}

const throwFirst = (error: unknown): never => {
  throw error instanceof AggregateError ? error.errors[0] : error;
};

/** Asked first, so that a wrong address is told in a line at the beginning and not by what fails for its sake later. */
export async function requireGiven({ kafkaBrokers, mongodbUri: uri }: GivenServers, withinMs = 5_000): Promise<void> {
  const given: Given[] = [];
  if (kafkaBrokers) {
    const at = kafkaBrokers.split(',').map((broker) => toAddress(broker.trim(), 9092));
    given.push({ variable: 'KAFKA_BROKERS', field: brokers(), value: kafkaBrokers, at });
  }
  if (uri) given.push({ variable: 'MONGODB_URI', field: mongodbUri(), value: uri, at: mongoAddresses(uri) });
  for (const one of given) await requireOne(one, withinMs);
}
