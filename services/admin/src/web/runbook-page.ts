import { Marked } from 'marked';
import { escapeHtml } from '../http/html.js';

/** The runbook as a page without script; each heading is an anchor, as alerts name it. */
export function toRunbookPage(markdown: string, stylePath: string): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escapeHtml(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Runbook · Muster</title>
<link rel="stylesheet" href="${escapeHtml(stylePath)}">
</head>
<body>
<main>
${marked.parse(markdown, { async: false })}</main>
</body>
</html>
`;
}
