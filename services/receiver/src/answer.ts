import type { ServerResponse } from 'node:http';

/** Plain text, which no browser takes for anything else. */
export function answerText(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(text);
}
