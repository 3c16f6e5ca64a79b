import { Html, html } from './html.js';

/** Relative to the origin, so that the pages work on whichever port serves them. */
export const STYLE_PATH = '/sign-in/style.css';
export const SCRIPT_PATH = '/sign-in/send.js';

/** A compass needle in a dashed ring: directory, and not the real one. */
const MARK = new Html(
  '<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">' +
    '<circle cx="16" cy="16" r="14" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="3.2 2.67"/>' +
    '<path d="M16 6.5 20 16h-8z" class="needle"/><path d="M16 25.5 12 16h8z" fill="currentColor" opacity=".35"/></svg>',
);

export type PageParts = {
  readonly title: string;
  /** Name of the directory that is asked, where there is one. */
  readonly tenant?: string | undefined;
  readonly body: Html;
  readonly script?: boolean;
};

export const toPage = ({ title, tenant, body, script = false }: PageParts): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Simulated Microsoft Entra</title>
        <link rel="stylesheet" href="${STYLE_PATH}" />
        ${script && html`<script src="${SCRIPT_PATH}" defer></script>`}
      </head>
      <body>
        <div class="tape" aria-hidden="true"></div>
        <main class="sheet">
          <header class="brand">
            ${MARK}
            <p><strong>Simulated Microsoft Entra</strong><span>test directory</span></p>
            ${tenant !== undefined && html`<p class="tenant">${tenant}</p>`}
          </header>
          ${body}
        </main>
        <footer class="foot">
          <p>Not Microsoft. People and organisations here are made up, and no password is asked for.</p>
        </footer>
      </body>
    </html>`.text;
