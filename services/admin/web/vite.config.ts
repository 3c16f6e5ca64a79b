import { defineConfig } from 'vite';

// eslint-disable-next-line no-restricted-syntax -- Vite looks for a default export.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'static',
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
