import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';

async function send<T>(url: string, init: RequestInit): Promise<NetworkResponse<T>> {
  const response = await fetch(url, init);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: (await response.json()) as T,
  };
}

const toHeaders = (options: NetworkRequestOptions | undefined): Record<string, string> => options?.headers ?? {};

/**
 * As MSAL's own (7.2), but that whatever goes wrong is a failure of the network, and for one thing: what it posts holds the client secret, the code or the refresh token, and its
 * own sends that on to wherever an answer of 307 points.
 */
export const network: INetworkModule = {
  sendGetRequestAsync: (url, options, timeoutMs) =>
    send(url, {
      headers: toHeaders(options),
      ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
    }),
  sendPostRequestAsync: (url, options) =>
    send(url, { method: 'POST', headers: toHeaders(options), body: options?.body ?? '', redirect: 'error' }),
};
