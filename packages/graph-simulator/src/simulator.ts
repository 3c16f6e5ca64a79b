import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import express from 'express';
import type { Express } from 'express';
import helmet from 'helmet';
import type { Cancel, Clock } from './clock.js';
import { systemClock } from './clock.js';
import { createControl } from './control/control.js';
import type { Control } from './control/control.js';
import { createControlRouter } from './control/router.js';
import { createDelivery } from './delivery/deliver.js';
import { createLedger } from './delivery/ledger.js';
import type { Post } from './delivery/post.js';
import { createPost } from './delivery/post.js';
import { createFaults } from './faults.js';
import { createGraphOperations } from './graph/operations.js';
import type { Operation } from './graph/operation.js';
import { RETIRED_REPORT_OPERATIONS } from './graph/operations/retired-reports.js';
import { createGraphRouter } from './graph/router.js';
import { createThrottle } from './graph/throttle.js';
import type { SettingsPatch } from './settings.js';
import { toSettings } from './settings.js';
import { appointAdmins } from './sign-in/directory-roles.js';
import { createPagesServer, signInHeaders } from './sign-in/pages-server.js';
import { createSignInRouter } from './sign-in/router.js';
import type { KeptKey } from './sign-in/signing-keys.js';
import { createKey, openKey } from './sign-in/signing-keys.js';
import type { SignInLifetimes } from './sign-in/state.js';
import { createSignInState, keepSignIn } from './sign-in/state.js';
import type { OnFailure } from './last-resort.js';
import { createLastResort } from './last-resort.js';
import { createKeeper, loadState } from './state/keeper.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import { emptyBin } from './tenant/bin.js';
import { settleReplica } from './tenant/replica.js';
import type { Tenant } from './tenant/tenant.js';
import type { Epoch, World } from './world.js';

export type SimulatorOptions = SettingsPatch & {
  readonly clock?: Clock;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Authorities that receivers' certificates are checked against, besides node's own; left out: NODE_EXTRA_CA_CERTS. */
  readonly ca?: readonly string[];
  readonly port?: number;
  /** The sign-in pages over plain http as well, on loopback; discovery then sends browsers there. */
  readonly pagesPort?: number;
  readonly host?: string;
  readonly stateFile?: string;
  /** How notifications and handshakes are posted; over HTTPS unless a test brings its own. */
  readonly post?: Post;
  /** Signing keys; made anew or taken from the state file when left out. */
  readonly keys?: readonly KeptKey[];
  readonly signIn?: Partial<SignInLifetimes>;
  readonly log?: (entry: { readonly level: 'info' | 'error'; readonly msg: string; readonly err?: string }) => void;
};

export type Simulator = {
  /** Those that exist, for tests that need more of them than can be created by call. */
  readonly subscriptions: Subscriptions;
  /** The whole of it as an express app, for tests without a network. */
  readonly app: Express;
  readonly control: Control;
  /** Listens on https; needs `tls`. Returns the origin. */
  readonly start: () => Promise<string>;
  /** Ends the server, saves the state. */
  readonly stop: () => Promise<void>;
};

const TICK = 1_000;
const KEPT_EPOCHS = 20;

type AppTools = {
  readonly control: Control;
  readonly operations: readonly Operation[];
  readonly onEdit: () => void;
  readonly onFailure: OnFailure;
};

const createApp = (world: World, tools: AppTools) => {
  const { onFailure } = tools;
  const app = express();
  app.disable('x-powered-by');
  // Node keeps this header's text for up to a second; a test that sets the clock would be answered with the time before.
  app.use((_request, response, next) => {
    response.set('Date', new Date().toUTCString());
    next();
  });
  app.set('etag', false);
  // The query parser of express would turn `$filter[a]` into objects; Graph's own is plain.
  app.set('query parser', 'simple');
  app.use('/_simulator', helmet({ strictTransportSecurity: false }), createControlRouter(tools.control));
  const throttle = createThrottle();
  app.use('/v1.0', createGraphRouter(world, { operations: tools.operations, throttle, version: 'v1.0', onFailure }));
  const retired = { operations: RETIRED_REPORT_OPERATIONS, throttle, version: 'beta', onFailure } as const;
  app.use('/beta', createGraphRouter(world, retired));
  app.use(signInHeaders, createSignInRouter(world, tools.onEdit));
  app.use(createLastResort(onFailure));
  return app;
};

const listen = (server: Server, port: number, host: string) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Microsoft Graph and Entra sign-in for simulated tenants, as one would see them over HTTPS. */
export const createSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const { clock = systemClock, stateFile, log = () => undefined } = options;
  const state = await loadState(stateFile);
  const world: World = {
    clock,
    settings: toSettings(options),
    tenants: new Map((state?.tenants ?? []).map((tenant) => [tenant.id, tenant])),
    subscriptions: createSubscriptions(state?.subscriptions),
    keys: (options.keys ?? (state === null || state.keys.length === 0 ? [createKey()] : state.keys)).map(openKey),
    signIn: createSignInState(options.signIn, state?.signIn ?? null),
    faults: createFaults(),
    ledger: createLedger(),
    epoch: randomUUID(),
    earlierEpochs: [...(state?.epochs ?? [])].slice(-KEPT_EPOCHS),
  };

  const currentEpoch = (): Epoch => ({
    id: world.epoch,
    lastVersions: Object.fromEntries([...world.tenants].map(([id, tenant]) => [id, tenant.log.version()])),
  });
  const keeper = createKeeper(stateFile, {
    clock,
    onError: (error) => log({ level: 'error', msg: 'state not saved', err: String(error) }),
    take: () => ({
      tenants: [...world.tenants.values()],
      subscriptions: [...world.subscriptions.all()],
      pending: delivery.pending(),
      signIn: keepSignIn(world.signIn),
      keys: world.keys.map(({ privateKey: _privateKey, publicKey: _publicKey, ...kept }) => kept),
      epochs: [...world.earlierEpochs, currentEpoch()],
      perSecond: new Map([...world.tenants.keys()].map((id) => [id, control.getActivity(id).perSecond])),
    }),
  });

  const network = createPost(clock, options.ca);
  const post = options.post ?? network.post;
  const delivery = createDelivery(world, { post, onEdit: keeper.touch });
  const watch = (tenant: Tenant) => {
    appointAdmins(world.signIn, tenant);
    tenant.onChange = (change) => {
      delivery.onChange(tenant, change);
      keeper.touch();
    };
    tenant.lagOf = (path) => world.faults.take('replicaLag', { tenantId: tenant.id, path })?.ms ?? 0;
  };
  for (const tenant of world.tenants.values()) watch(tenant);
  const control = createControl(world, { onTenant: watch, onEdit: keeper.touch, delivery });
  delivery.load(state?.pending ?? []);
  for (const [tenantId, perSecond] of state?.perSecond ?? [])
    if (perSecond > 0) control.setActivity(tenantId, { perSecond, seed: clock.now() });

  const operations = createGraphOperations({ post, resume: delivery.resume, onEdit: keeper.touch });
  const onFailure: OnFailure = (error, call) =>
    log({ level: 'error', msg: 'a call failed', err: `${call}: ${String(error)}` });
  const app = createApp(world, { control, operations, onEdit: keeper.touch, onFailure });
  // Longer than clients keep their sockets, so that no call meets a socket that is just being closed.
  const pages = createPagesServer(world, { onEdit: keeper.touch, onFailure });
  const server = options.tls === undefined ? null : createServer({ ...options.tls, keepAliveTimeout: 65_000 }, app);

  let cancelTick: Cancel = () => undefined;
  const tick = () => {
    delivery.tick();
    const now = clock.now();
    const { deltaToken, deletedItems } = world.settings.lifetimes;
    for (const tenant of world.tenants.values()) {
      tenant.log.forgetBefore(now - deltaToken);
      settleReplica(tenant, now);
      emptyBin(tenant, { at: now, olderThan: now - deletedItems });
    }
    cancelTick = clock.after(TICK, tick);
  };
  cancelTick = clock.after(TICK, tick);
  keeper.touch();

  return {
    app,
    subscriptions: world.subscriptions,
    control,
    start: async () => {
      if (server === null) throw new Error('start needs tls: { cert, key }; without it use app only');
      const port = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
      if (options.pagesPort !== undefined)
        world.signIn.pagesOrigin = await pages.start(options.pagesPort, options.host ?? '127.0.0.1');
      return `https://localhost:${port}`;
    },
    stop: async () => {
      cancelTick();
      control.stop();
      delivery.stop();
      await pages.stop();
      if (server?.listening) await close(server);
      network.close();
      await keeper.flush();
    },
  };
};
