import { Marked } from 'marked';
import { escapeHtml, toPage } from '../http/html.js';

/** The runbook as a page without script; each heading is an anchor, as alerts name it. */
export function toRunbookPage(markdown: string, stylePath: string): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escapeHtml(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
  });
  const body = `<main>\n${marked.parse(markdown, { async: false })}</main>`;
  return toPage({ title: 'Runbook · Muster', stylePath, body });
}
