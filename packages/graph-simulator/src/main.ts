import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSteppedClock } from './clock.js';
import { loadConfig, toLifetimes, toPagesPort, toSignInLifetimes } from './config.js';
import { keepLocalTls } from './local-tls.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { createSimulator } from './simulator.js';

const log = (entry: object) =>
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);

const findTls = async (certFile: string | undefined, keyFile: string | undefined) => {
  if (certFile !== undefined && keyFile !== undefined)
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), ca: null };
  const local = await keepLocalTls(resolve('.muster/tls'), Date.now());
  log({ level: 'info', msg: 'own certificate in use; clients trust it with', NODE_EXTRA_CA_CERTS: local.caFile });
  return local;
};

/** A receiver may use a certificate of our own authority; what the process was told to trust counts as before. */
const readExtraAuthorities = (file: string | undefined) => (file ? [readFileSync(file, 'utf8')] : []);

const main = async () => {
  const config = loadConfig(process.env);
  const { cert, key, ca } = await findTls(config.TLS_CERT_FILE, config.TLS_KEY_FILE);
  const pagesPort = toPagesPort(config);
  const stateFile = config.SIMULATOR_STATE_FILE;
  const simulator = await createSimulator({
    tls: { cert, key },
    ...(ca !== null && { ca: [ca, ...readExtraAuthorities(process.env['NODE_EXTRA_CA_CERTS'])] }),
    port: config.PORT,
    host: config.HOST,
    ...(stateFile !== undefined && { stateFile }),
    ...(config.SIMULATOR_CLOCK === 'stepped' && { clock: createSteppedClock(Date.now()) }),
    ...(pagesPort !== null && { pagesPort }),
    signIn: toSignInLifetimes(config),
    lifetimes: toLifetimes(config, DEFAULT_SETTINGS.lifetimes),
    delivery: { window: config.SIMULATOR_NOTIFICATION_WINDOW_MS },
    log,
  });
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log({ level: 'info', msg: 'simulator stopping', signal });
    simulator.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log({ level: 'error', msg: 'simulator did not stop well', err: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const origin = await simulator.start();
  log({ level: 'info', msg: 'simulator listening', origin });
};

main().catch((error: unknown) => {
  log({ level: 'error', msg: 'simulator failed', err: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
