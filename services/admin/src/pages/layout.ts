import { html, type Html } from './html.js';

export type LayoutOptions = { title: string; header?: Html; main: Html; refresh?: boolean };

const STYLES = ['page', 'cards', 'figures', 'gate'];

/** Nothing inline and nothing from elsewhere: the page's Content-Security-Policy would refuse it. */
export const layout = ({ title, header, main, refresh = false }: LayoutOptions): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/assets/mark.svg" type="image/svg+xml" />
        ${STYLES.map((name) => html`<link rel="stylesheet" href="/assets/${name}.css" />`)}
        ${
          refresh &&
          html`<script type="module" src="/assets/refresh.js"></script>
            <noscript><meta http-equiv="refresh" content="5" /></noscript>`
        }
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <div class="bar-inner">
            <a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="22" height="22" />Muster</a>
            ${header}
          </div>
        </header>
        <main id="main" tabindex="-1">${main}</main>
      </body>
    </html> `.text;
