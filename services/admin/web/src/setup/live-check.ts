import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.js';
import type { Integration } from '../domain/api-types.js';
import { sayOfField, toExpiryInstant, type SetupField, type SetupValues } from '../domain/setup-values.js';
import type { CheckAnswer } from './setup-types.js';

const TYPING_MS = 700;

export type LiveCheck = {
  answer: CheckAnswer | null;
  isRunning: boolean;
  error: ApiError | null;
  run: () => Promise<CheckAnswer | null>;
};

/** Proves what is typed against the tenant: some time after the last key, and when asked for. */
export function useLiveCheck(values: SetupValues, integration: Integration | null): LiveCheck {
  const [state, setState] = useState<Omit<LiveCheck, 'run'>>({ answer: null, isRunning: false, error: null });
  const body = toCheckBody(values, integration);
  const key = JSON.stringify(body);

  const run = async (signal?: AbortSignal): Promise<CheckAnswer | null> => {
    setState((before) => ({ ...before, isRunning: true, error: null }));
    try {
      const { body: answer } = await call<CheckAnswer>('POST', '/setup/check', { body, ...(signal ? { signal } : {}) });
      setState({ answer, isRunning: false, error: null });
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) return null;
      setState({ answer: null, isRunning: false, error });
      return null;
    }
  };
  useEffect(() => {
    if (body === null) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => void run(controller.signal), TYPING_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key]);
  return { ...state, run: () => run() };
}

const FIELDS: SetupField[] = [
  'tenantId',
  'clientId',
  'clientSecret',
  'secretExpiresOn',
  'groupId',
  'certificate',
  'privateKey',
];

/** Only what has its right form is sent; null: there is nothing to ask Microsoft about yet. */
export function toCheckBody(values: SetupValues, integration: Integration | null): Record<string, unknown> | null {
  const now = new Date();
  const good = (field: SetupField): string | undefined => {
    const text = String(values[field]).trim();
    return text === '' || sayOfField(field, values, now)?.state === 'problem' ? undefined : text;
  };
  const [tenantId, clientId, clientSecret, day, groupId, certificate, privateKey] = FIELDS.map(good);
  if (tenantId === undefined) return null;
  return {
    ...(integration ? { integrationId: integration.integrationId } : {}),
    tenantId,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(values.credential === 'certificate' && certificate !== undefined && privateKey !== undefined
      ? { certificate: { certificate, privateKey } }
      : {}),
    ...(day === undefined ? {} : { secretExpiresAt: toExpiryInstant(day) }),
    ...(values.limitByGroup ? (groupId === undefined ? {} : { groupId }) : { groupId: null }),
    consent: values.consent,
    ...(values.userSync || values.mfaVerification
      ? { features: { userSync: values.userSync, mfaVerification: values.mfaVerification } }
      : {}),
  };
}
