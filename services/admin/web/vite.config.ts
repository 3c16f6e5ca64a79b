import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultClientConditions, defineConfig } from 'vite';

// eslint-disable-next-line no-restricted-syntax -- Vite looks for a default export.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'static',
  // From the sources: what the packages are compiled to may not be there yet.
  resolve: { conditions: ['@muster/source', ...defaultClientConditions] },
  plugins: [
    {
      // What alerts link to goes wherever the pages go.
      name: 'runbook',
      generateBundle() {
        const source = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'runbook.md'));
        this.emitFile({ type: 'asset', fileName: 'runbook.md', source });
      },
    },
  ],
  build: {
    // Inside admin's own `dist`, so that it goes wherever the service goes.
    outDir: '../dist/web',
    emptyOutDir: true,
    // Nothing becomes a data: address, which the Content-Security-Policy would refuse.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
