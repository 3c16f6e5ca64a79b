import { accessSync, constants } from 'node:fs';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const isExecutable = (path: string) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The browser of this machine, or the one that is named; a test that needs one fails with the cure when there is none. */
export const findChromium = (named: string | undefined): string => {
  const found = (named === undefined ? USUAL : [named]).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error("Chromium was not found: install Debian's chromium package or set CHROMIUM_PATH.");
};

/** Headless, and quiet: nothing is fetched in the background. */
export const CHROMIUM_FLAGS: readonly string[] = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];
