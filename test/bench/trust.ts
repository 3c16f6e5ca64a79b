import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createLayout, loadCertificates, type TlsFiles } from '@muster/scripts';

/** Kept between runs. */
export const loadBenchCertificates = (): Promise<TlsFiles> =>
  loadCertificates(join(createLayout().downloads, 'bench', 'tls'), { now: new Date() });

/**
 * Receiver and simulator listen on https, and node takes a certificate authority only when it starts: runs this program
 * once more, so that it trusts ours, and ends as that one does. Does nothing in the second run.
 */
export async function runTrusting({ caFile }: TlsFiles): Promise<void> {
  if (process.env.NODE_EXTRA_CA_CERTS === caFile) return;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
  });
  // A terminal tells both of them; a supervisor only this one.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const code = await new Promise<number>((ended) => child.once('exit', (given) => ended(given ?? 1)));
  process.exit(code);
}
