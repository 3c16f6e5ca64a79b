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
import { createPost } from './delivery/post.js';
import { createFaults } from './faults.js';
import { createGraphOperations } from './graph/operations.js';
import type { Operation } from './graph/operation.js';
import { createGraphRouter } from './graph/router.js';
import type { DeliverySettings, Lifetimes, Settings } from './settings.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { createSignInRouter } from './sign-in/router.js';
import { createKey, openKey } from './sign-in/signing-keys.js';
import { createKeeper, loadState } from './state/keeper.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import type { Tenant } from './tenant/tenant.js';
import type { Epoch, World } from './world.js';

export type SimulatorOptions = {
  readonly clock?: Clock;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Authority that receivers' certificates are checked against, besides those node knows. */
  readonly ca?: string;
  readonly port?: number;
  readonly host?: string;
  readonly stateFile?: string;
  readonly lifetimes?: Partial<Lifetimes>;
  readonly delivery?: Partial<DeliverySettings>;
  readonly pageSizes?: Partial<Pick<Settings, 'deltaPageSize' | 'reportPageSize'>>;
  readonly log?: (entry: { readonly level: 'info' | 'error'; readonly msg: string; readonly err?: string }) => void;
};

export type Simulator = {
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

const createApp = (world: World, tools: { control: Control; operations: readonly Operation[]; onEdit: () => void }) => {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  // The query parser of express would turn `$filter[a]` into objects; Graph's own is plain.
  app.set('query parser', 'simple');
  app.use('/_simulator', helmet(), createControlRouter(tools.control));
  app.use('/v1.0', createGraphRouter(world, tools.operations));
  app.use(helmet(), createSignInRouter(world, tools.onEdit));
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

const toSettings = ({ lifetimes, delivery, pageSizes }: SimulatorOptions): Settings => ({
  ...DEFAULT_SETTINGS,
  ...pageSizes,
  lifetimes: { ...DEFAULT_SETTINGS.lifetimes, ...lifetimes },
  delivery: { ...DEFAULT_SETTINGS.delivery, ...delivery },
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
    keys: (state === null || state.keys.length === 0 ? [createKey()] : state.keys).map(openKey),
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
      keys: world.keys.map(({ kid, pem }) => ({ kid, pem })),
      epochs: [...world.earlierEpochs, currentEpoch()],
      perSecond: new Map([...world.tenants.keys()].map((id) => [id, control.getActivity(id).perSecond])),
    }),
  });

  const { post, close: closePost } = createPost(clock, options.ca);
  const delivery = createDelivery(world, post);
  const watch = (tenant: Tenant) => {
    tenant.onChange = (change) => {
      delivery.onChange(tenant, change);
      keeper.touch();
    };
  };
  for (const tenant of world.tenants.values()) watch(tenant);
  const control = createControl(world, { onTenant: watch, onEdit: keeper.touch });
  for (const [tenantId, perSecond] of state?.perSecond ?? [])
    if (perSecond > 0) control.setActivity(tenantId, { perSecond, seed: clock.now() });

  const operations = createGraphOperations({ post, resume: delivery.resume, onEdit: keeper.touch });
  const app = createApp(world, { control, operations, onEdit: keeper.touch });
  // Longer than clients keep their sockets, so that no call meets a socket that is just being closed.
  const server = options.tls === undefined ? null : createServer({ ...options.tls, keepAliveTimeout: 65_000 }, app);

  let cancelTick: Cancel = () => undefined;
  const tick = () => {
    delivery.tick();
    for (const tenant of world.tenants.values())
      tenant.log.forgetBefore(clock.now() - world.settings.lifetimes.deltaToken);
    cancelTick = clock.after(TICK, tick);
  };
  cancelTick = clock.after(TICK, tick);
  keeper.touch();

  return {
    app,
    control,
    start: async () => {
      if (server === null) throw new Error('start needs tls: { cert, key }; without it use app only');
      const port = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
      return `https://localhost:${port}`;
    },
    stop: async () => {
      cancelTick();
      control.stop();
      delivery.stop();
      if (server?.listening) await close(server);
      closePost();
      await keeper.flush();
    },
  };
};
