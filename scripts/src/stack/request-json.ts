import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export type JsonRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The authority to trust: fetch knows only NODE_EXTRA_CA_CERTS, which is read before our certificates exist. */
  readonly ca?: string;
};

export type JsonAnswer = { readonly status: number; readonly body: unknown };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One request; the body of the answer as JSON, or as text when it is none. */
export function requestJson(url: string, options: JsonRequest = {}): Promise<JsonAnswer> {
  const { method = 'GET', body, headers, ca } = options;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((settle, fail) => {
    const request = send(
      url,
      {
        method,
        timeout: 30_000,
        headers: { accept: 'application/json', ...(payload ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(ca ? { ca } : {}),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', fail);
        response.once('end', () =>
          settle({ status: response.statusCode ?? 0, body: parse(Buffer.concat(parts).toString('utf8')) }),
        );
      },
    );
    request.once('timeout', () => request.destroy(new Error(`${method} ${url}: no answer within 30 s`)));
    request.once('error', fail);
    request.end(payload);
  });
}

/** As `requestJson`, but an answer that is no 2xx is an error that shows what was said. */
export async function requireJson(url: string, options: JsonRequest = {}): Promise<unknown> {
  const { status, body } = await requestJson(url, options);
  if (status >= 200 && status < 300) return body;
  throw new Error(`${options.method ?? 'GET'} ${url} answered ${status}: ${JSON.stringify(body).slice(0, 500)}`);
}
