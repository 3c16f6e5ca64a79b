/** The HTTP API as a test uses it. Bodies stay untyped on purpose: the test says what it expects of them. */
export type Answer = { status: number; body: any; headers: Headers };
export type AdminClient = {
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  get: (path: string) => Promise<any>;
  post: (path: string, body?: unknown) => Promise<any>;
};

/** `heard` gets every answer as it came: for those who look for what must not be in any. */
export type Heard = (call: string, answer: string) => void;

export function createAdminClient(origin: string, apiKey: string, heard?: Heard): AdminClient {
  const call: AdminClient['call'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    heard?.(`${method} ${path}`, `${JSON.stringify([...answer.headers])}\n${text}`);
    return { status: answer.status, body: text === '' ? null : JSON.parse(text), headers: answer.headers };
  };
  const demand = async (method: string, path: string, body?: unknown): Promise<any> => {
    const answer = await call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return { call, get: (path) => demand('GET', path), post: (path, body) => demand('POST', path, body ?? {}) };
}
