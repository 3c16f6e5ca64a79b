import { z } from 'zod';
import { escapeHtml, toPage } from './html.js';
import type { OpenApiDocument } from './openapi.js';

const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  description: z.string().optional(),
  schema: z.unknown(),
});
const content = z.record(z.string(), z.object({ schema: z.unknown() })).optional();
const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content })),
});
type Operation = z.infer<typeof operation>;
type Entry = { method: string; path: string } & Operation;

/** The OpenAPI document as one page for people: no script, every operation with what it takes and gives. */
export function toOpenApiPage(document: OpenApiDocument, stylePath: string): string {
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, unknown>).map(([method, described]): Entry => ({
      method,
      path,
      ...operation.parse(described),
    })),
  );
  const tags = [...new Set(entries.flatMap((entry) => entry.tags))];
  const { schemas = {} } = z
    .object({ schemas: z.record(z.string(), z.unknown()).optional() })
    .parse(document.components);
  const body = `<header><h1>Muster’s API</h1>
<p>Each call needs a session or <code>Authorization: Bearer …</code> with an API key. Errors are problem documents (RFC 9457).
For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p></header>
<nav aria-label="Contents"><ul>${tags.map((tag) => `<li><a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a></li>`).join('')}<li><a href="#shapes">shapes</a></li></ul></nav>
<main>
${tags.map((tag) => toSection(tag, entries)).join('\n')}
<section id="shapes"><h2>Shapes</h2>
${Object.entries(schemas)
  .map(([name, schema]) => toShape(name, schema))
  .join('\n')}
</section>
</main>`;
  return toPage({ title: 'API · Muster', stylePath, body });
}

const toSection = (tag: string, entries: readonly Entry[]): string =>
  `<section id="${escapeHtml(tag)}"><h2>${escapeHtml(tag)}</h2>
${entries
  .filter(({ tags }) => tags.includes(tag))
  .map(toOperation)
  .join('\n')}
</section>`;

function toOperation({ method, path, operationId, summary, parameters, requestBody, responses }: Entry): string {
  const rows = parameters.map(
    ({ name, in: place, required, description = '', schema }) =>
      `<tr><th scope="row"><code>${escapeHtml(name)}</code></th><td>${place}${required ? ', required' : ''}</td><td>${escapeHtml(description)}</td><td>${toJson(schema)}</td></tr>`,
  );
  const table = `<table><caption>Parameters</caption><tbody>${rows.join('')}</tbody></table>`;
  const answers = Object.entries(responses).map(
    ([status, response]) =>
      `<dt>${status}</dt><dd>${escapeHtml(response.description)}${toContent(response.content)}</dd>`,
  );
  return `<details id="${escapeHtml(operationId)}"><summary><code><b>${method.toUpperCase()}</b> ${escapeHtml(path)}</code> ${escapeHtml(summary)}</summary>
${rows.length === 0 ? '' : table}
${requestBody ? `<h3>Body</h3>${toContent(requestBody.content)}` : ''}
<h3>Answers</h3><dl>${answers.join('')}</dl></details>`;
}

/** The same schema under several media types is said once. */
function toContent(described: z.infer<typeof content>): string {
  const entries = Object.entries(described ?? {});
  const [first] = entries;
  if (!first) return '';
  return `<p><small>${entries.map(([type]) => escapeHtml(type)).join(', ')}</small></p>${toJson(first[1].schema)}`;
}

const toShape = (name: string, schema: unknown): string =>
  `<details id="shape-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary>${toJson(schema)}</details>`;

/** Names of shapes lead to them. */
function toJson(schema: unknown): string {
  const text = escapeHtml(JSON.stringify(schema, null, 2));
  const linked = text.replaceAll(
    /#\/components\/schemas\/([\w-]+)/g,
    (reference, name: string) => `<a href="#shape-${name}">${reference}</a>`,
  );
  return `<pre>${linked}</pre>`;
}

export const OPENAPI_STYLE = `:root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0; list-style: none; }
h2 { margin-top: 2rem; }
h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
details { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: 0.4rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; padding: 0.5rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
table { display: block; overflow-x: auto; border-collapse: collapse; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; }
dt { font-weight: 600; }
a { color: LinkText; }
`;
