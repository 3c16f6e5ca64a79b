const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long things live, in ms. Services in other processes are tested by shortening these. */
export type Lifetimes = {
  accessToken: number;
  /** Longest life of an access token whose client takes part in continuous access evaluation (contract 8.4). */
  caeAccessToken: number;
  /** Shortest and longest life of a subscription (contract 1.3). */
  subscriptionFloor: number;
  subscriptionCap: number;
  /** Life of the token behind a subscription; renewing or reauthorizing starts it anew (contract 3.5). */
  deliveryToken: number;
  deltaToken: number;
  deletedItems: number;
  /** How far the MFA report lags behind (contract 6.1: up to hours; 0 here by default). */
  reportDelay: number;
};

export type DeliverySettings = {
  /** How long changes are gathered before they are posted: the share of the lag that is Graph's. */
  window: number;
  firstTimeout: number;
  retryTimeout: number;
  backOffBase: number;
  backOffCap: number;
  giveUpAfter: number;
  handshakeTimeout: number;
  itemsPerPost: number;
  postsAtOnce: number;
  /** Slow and drop states (contract 3.4): over which time answers are judged, and how long a state holds. */
  healthWindow: number;
  slowShare: number;
  dropShare: number;
  /** Fewer answers than this in a window are no judgement; Microsoft names no number. */
  healthMinimum: number;
  /** How many posts try an endpoint out at the end of a state. */
  probes: number;
};

/** What the contract leaves open ([?]) or has seen in more than one form; every answer can be had. */
export type Switches = {
  /** 1.4: a PATCH of the expiry alone validates the address too, and so does reauthorize. */
  validateOnRenewal: boolean;
  /** 1.5, 11.8: the code of a refused handshake or a missing property. */
  validationErrorCode: 'InvalidRequest' | 'ValidationError';
  /** 11.9: `updated,deleted` and `deleted,updated` are two combinations. */
  changeTypeOrderMatters: boolean;
  /** 1.2: resources of a user or group without notifications are accepted, as memberOf was in 2020, and stay silent. */
  unwatchedResources: boolean;
  /** 2.8: stands at the end of every validation token. */
  handshakeTokenSuffix: string;
  /** 2.8: a line break after the token is forgiven. */
  handshakeTrailingNewline: boolean;
  /** 3.1: items carry eventTime and sequenceNumber. */
  eventTimes: boolean;
  /** 3.4: what one endpoint is. */
  endpointBy: 'url' | 'host';
  /** 4: as documented with tenantId, or as captured in 2026-04 with organizationId. */
  lifecycleShape: 'documented' | 'captured';
  /** 5.3, 5.4: a first round tells of people in the bin and of former members. */
  removedInFirstRound: boolean;
  /** 5.3: security groups wait in deletedItems as Microsoft 365 groups do. */
  groupsSoftDelete: boolean;
  /** 6.1: the preferred method of a person without one is an empty text, as in Microsoft's example, not `none`. */
  emptyPreferredMethod: boolean;
  /** 11.9: a change of membership is a change of the user too. */
  membershipChangesUser: boolean;
};

export type Settings = {
  readonly lifetimes: Lifetimes;
  readonly delivery: DeliverySettings;
  readonly switches: Switches;
  readonly pageSizes: { delta: number; report: number; subscriptions: number };
};

export const DEFAULT_SETTINGS: Settings = {
  lifetimes: {
    accessToken: 3_599_000,
    caeAccessToken: 28 * HOUR,
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
    healthWindow: 10 * MINUTE,
    slowShare: 0.1,
    dropShare: 0.15,
    healthMinimum: 10,
    probes: 3,
  },
  switches: {
    validateOnRenewal: false,
    validationErrorCode: 'InvalidRequest',
    changeTypeOrderMatters: false,
    unwatchedResources: false,
    handshakeTokenSuffix: '',
    handshakeTrailingNewline: false,
    eventTimes: true,
    endpointBy: 'url',
    lifecycleShape: 'documented',
    removedInFirstRound: false,
    groupsSoftDelete: false,
    emptyPreferredMethod: false,
    membershipChangesUser: false,
  },
  pageSizes: { delta: 200, report: 100, subscriptions: 100 },
};

export type SettingsPatch = { readonly [K in keyof Settings]?: Partial<Settings[K]> | undefined };

/** A copy of the defaults with what was given. */
export const toSettings = ({ lifetimes, delivery, switches, pageSizes }: SettingsPatch): Settings => ({
  lifetimes: { ...DEFAULT_SETTINGS.lifetimes, ...lifetimes },
  delivery: { ...DEFAULT_SETTINGS.delivery, ...delivery },
  switches: { ...DEFAULT_SETTINGS.switches, ...switches },
  pageSizes: { ...DEFAULT_SETTINGS.pageSizes, ...pageSizes },
});

/** Changes settings where they stand, so that all who hold them see it. */
export const patchSettings = (settings: Settings, patch: SettingsPatch): void => {
  Object.assign(settings.lifetimes, patch.lifetimes);
  Object.assign(settings.delivery, patch.delivery);
  Object.assign(settings.switches, patch.switches);
  Object.assign(settings.pageSizes, patch.pageSizes);
};
