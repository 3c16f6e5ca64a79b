import { z } from 'zod';
import type { SignInLifetimes } from './sign-in/state.js';
import { SIGN_IN_LIFETIMES } from './sign-in/state.js';
import type { SimulatorOptions } from './simulator.js';

const USUAL_PORT = 4010;
const seconds = z.coerce.number().positive().optional();

/** The environment of the simulator; every SIMULATOR_…_SECONDS shortens (or lengthens) one life. */
export const configSchema = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(USUAL_PORT),
    HOST: z.string().default('127.0.0.1'),
    TLS_CERT_FILE: z.string().optional(),
    TLS_KEY_FILE: z.string().optional(),
    /** Sign-in pages over plain http, so that a browser needs no certificate of ours. Unset: 4011 beside 4010. */
    SIMULATOR_PAGES_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
    SIMULATOR_REFRESH_TOKEN_SECONDS: seconds,
    SIMULATOR_REPLACED_REFRESH_TOKEN_SECONDS: z.coerce.number().min(0).optional(),
    SIMULATOR_CODE_SECONDS: seconds,
    SIMULATOR_STATE_FILE: z.string().optional(),
    /** All lives are divided by this. */
    SIMULATOR_SPEED: z.coerce.number().positive().default(1),
    SIMULATOR_TOKEN_SECONDS: seconds,
    SIMULATOR_SUBSCRIPTION_FLOOR_SECONDS: seconds,
    SIMULATOR_SUBSCRIPTION_CAP_SECONDS: seconds,
    SIMULATOR_DELIVERY_TOKEN_SECONDS: seconds,
    SIMULATOR_DELTA_TOKEN_SECONDS: seconds,
    SIMULATOR_DELETED_ITEMS_SECONDS: seconds,
    /** `stepped`: time stands still until PUT /_simulator/clock. */
    SIMULATOR_CLOCK: z.enum(['real', 'stepped']).default('real'),
    SIMULATOR_REPORT_DELAY_SECONDS: z.coerce.number().min(0).optional(),
    SIMULATOR_NOTIFICATION_WINDOW_MS: z.coerce.number().min(0).default(50),
  })
  .refine((env) => (env.TLS_CERT_FILE === undefined) === (env.TLS_KEY_FILE === undefined), {
    path: ['TLS_CERT_FILE'],
    message: 'give TLS_CERT_FILE and TLS_KEY_FILE both, or neither',
  });

export type Config = z.infer<typeof configSchema>;

/** Throws one readable list of what is wrong. */
export const loadConfig = (env: Record<string, string | undefined>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The environment of the simulator is not usable:\n${lines.join('\n')}`);
};

export const toLifetimes = (config: Config, standard: Required<NonNullable<SimulatorOptions['lifetimes']>>) => {
  const life = (given: number | undefined, usual: number) =>
    given === undefined ? usual / config.SIMULATOR_SPEED : given * 1000;
  return {
    accessToken: life(config.SIMULATOR_TOKEN_SECONDS, standard.accessToken),
    caeAccessToken: standard.caeAccessToken / config.SIMULATOR_SPEED,
    subscriptionFloor: life(config.SIMULATOR_SUBSCRIPTION_FLOOR_SECONDS, standard.subscriptionFloor),
    subscriptionCap: life(config.SIMULATOR_SUBSCRIPTION_CAP_SECONDS, standard.subscriptionCap),
    deliveryToken: life(config.SIMULATOR_DELIVERY_TOKEN_SECONDS, standard.deliveryToken),
    deltaToken: life(config.SIMULATOR_DELTA_TOKEN_SECONDS, standard.deltaToken),
    deletedItems: life(config.SIMULATOR_DELETED_ITEMS_SECONDS, standard.deletedItems),
    reportDelay: life(config.SIMULATOR_REPORT_DELAY_SECONDS, standard.reportDelay),
  };
};

/** Null where the simulator is on a port of its own choosing and none is named for the pages: https only. */
export const toPagesPort = ({ PORT, SIMULATOR_PAGES_PORT: named }: Config): number | null =>
  named ?? (PORT === USUAL_PORT ? USUAL_PORT + 1 : null);

/** The lives of the sign-in side that the environment sets or shortens. */
export const toSignInLifetimes = (config: Config): SignInLifetimes => {
  const { SIMULATOR_SPEED: speed } = config;
  const shortened = Object.fromEntries(
    Object.entries(SIGN_IN_LIFETIMES).map(([name, life]) => [name, life / speed]),
  ) as SignInLifetimes;
  const given = {
    refreshToken: config.SIMULATOR_REFRESH_TOKEN_SECONDS,
    replacedRefreshToken: config.SIMULATOR_REPLACED_REFRESH_TOKEN_SECONDS,
    code: config.SIMULATOR_CODE_SECONDS,
  };
  const set = Object.entries(given).filter((entry): entry is [string, number] => entry[1] !== undefined);
  // People do not think faster when time does.
  const patience = { flow: SIGN_IN_LIFETIMES.flow, session: SIGN_IN_LIFETIMES.session };
  return { ...shortened, ...patience, ...Object.fromEntries(set.map(([name, seconds]) => [name, seconds * 1000])) };
};
