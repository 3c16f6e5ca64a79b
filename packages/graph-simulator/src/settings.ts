const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long things live, in ms. Services in other processes are tested by shortening these. */
export type Lifetimes = {
  readonly accessToken: number;
  /** Shortest and longest life of a subscription (contract 1.3). */
  readonly subscriptionFloor: number;
  readonly subscriptionCap: number;
  /** Life of the token behind a subscription; renewing or reauthorizing starts it anew (contract 3.5). */
  readonly deliveryToken: number;
  readonly deltaToken: number;
  readonly deletedItems: number;
  /** How far the MFA report lags behind (contract 6.1: up to hours; 0 here by default). */
  readonly reportDelay: number;
};

export type DeliverySettings = {
  /** How long changes are gathered before they are posted: the share of the lag that is Graph's. */
  readonly window: number;
  readonly firstTimeout: number;
  readonly retryTimeout: number;
  readonly backOffBase: number;
  readonly backOffCap: number;
  readonly giveUpAfter: number;
  readonly handshakeTimeout: number;
  readonly itemsPerPost: number;
  readonly postsAtOnce: number;
};

export type Settings = {
  readonly lifetimes: Lifetimes;
  readonly delivery: DeliverySettings;
  readonly deltaPageSize: number;
  readonly reportPageSize: number;
};

export const DEFAULT_SETTINGS: Settings = {
  lifetimes: {
    accessToken: 3_599_000,
    subscriptionFloor: 45 * MINUTE,
    subscriptionCap: 41_760 * MINUTE,
    deliveryToken: HOUR,
    deltaToken: 7 * DAY,
    deletedItems: 30 * DAY,
    reportDelay: 0,
  },
  delivery: {
    window: 50,
    firstTimeout: 3_000,
    retryTimeout: 10_000,
    backOffBase: 500,
    backOffCap: 5 * MINUTE,
    giveUpAfter: 4 * HOUR,
    handshakeTimeout: 10_000,
    itemsPerPost: 100,
    postsAtOnce: 8,
  },
  deltaPageSize: 200,
  reportPageSize: 100,
};
