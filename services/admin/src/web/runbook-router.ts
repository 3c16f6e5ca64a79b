import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Router } from 'express';
import { OPENAPI_STYLE } from '../http/openapi-page.js';
import { toRunbookPage } from './runbook-page.js';

/** What alerts link to, so that the link works wherever Muster runs; says nothing of this system, so everybody may read it. */
export function createRunbookRouter(markdown = readRunbook()): Router {
  const router = Router();
  router.get('/runbook.css', (_request, response) => {
    response.type('css').set('Cache-Control', 'max-age=300').send(OPENAPI_STYLE);
  });
  if (markdown === null) return router;
  const page = toRunbookPage(markdown, '/runbook.css');
  router.get('/runbook', (_request, response) => {
    response.type('html').set('Cache-Control', 'max-age=300').send(page);
  });
  return router;
}

/** As the build of the pages laid it beside them; null: not built. */
function readRunbook(): string | null {
  try {
    const file = createRequire(import.meta.url).resolve('#web/runbook.md');
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
}
