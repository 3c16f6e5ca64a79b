import type { Response } from 'express';
import { escapeHtml } from '../http/html.js';

/** Why nobody was signed in, and one way on. `again`: a path of our own, behind the one button. */
export type Trouble = { status: number; text: string; again: string | null; button?: string };

export const STYLE_PATH = '/sign-in/trouble.css';
export const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 15vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
a { display: inline-block; padding: 0.5rem 1rem; border: 1px solid; border-radius: 0.4rem; color: inherit; }
`;

/** A page without script: it is shown to people who have no session, on the way back from Microsoft. */
export function sendTrouble(response: Response, trouble: Trouble): void {
  const { status, text, again, button = 'Begin again' } = trouble;
  const way = again === null ? '' : `<p><a href="${escapeHtml(again)}">${escapeHtml(button)}</a></p>`;
  response.status(status).set('Cache-Control', 'no-store').type('html').send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>You are not signed in · Muster</title>
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body><main><div role="alert"><h1>You are not signed in</h1><p>${escapeHtml(text)}</p>${way}</div></main></body>
</html>
`);
}
