import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import compression from 'compression';
import express, { Router } from 'express';

const NOT_BUILT = 'The pages are not built. Run: pnpm build:web\n';

/** What belongs to the API and to sign-in is never answered with a page. */
const NO_PAGE = /^\/(api|assets|session|oauth2callback|setup-link|runbook|healthz|readyz|metrics)(\/|$)|^\/sign-in\/./;

/** The front end: files whose name holds their hash for a year, its one HTML file for every other address. */
export function createWebRouter(folder = findFolder()): Router {
  const router = Router();
  router.use(compression());
  if (folder !== null) {
    const assets = { index: false, immutable: true, maxAge: '1y', fallthrough: true } as const;
    router.use('/assets', express.static(join(folder, 'assets'), assets));
    router.use(express.static(folder, { index: false, maxAge: '5m' }));
  }
  router.get('/{*path}', (request, response, next) => {
    if (NO_PAGE.test(request.path) || !request.accepts('html')) next();
    else if (folder === null) response.status(503).type('text').send(NOT_BUILT);
    else
      response.sendFile(join(folder, 'index.html'), { cacheControl: false, headers: { 'Cache-Control': 'no-cache' } });
  });
  return router;
}

/** Found by the package's own name for it, so that it is the same from `src` and from `dist`; null: not built. */
function findFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('#web/index.html'));
  } catch {
    return null;
  }
}
