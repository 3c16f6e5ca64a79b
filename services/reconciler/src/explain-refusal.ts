import { Failure, isFailure } from '@muster/contracts';
import type { GraphPage } from '@muster/graph-client';
import type { Run } from './run.js';

const RIGHT = 'AuditLog.Read.All';

/**
 * The report's pages, where a refusal (403) says which of three things it is: the right is missing, the person who
 * consented lacks a directory role, or, since the app has all it needs, Graph refuses for a moment. The missing licence
 * has a code of its own already.
 */
export async function* explainRefusals<T>(run: Run, pages: AsyncIterable<GraphPage<T>>): AsyncGenerator<GraphPage<T>> {
  try {
    yield* pages;
  } catch (error) {
    throw isFailure(error) && error.code === 'graph.forbidden' ? await toRefusal(run, error) : error;
  }
}

async function toRefusal({ graph, settings }: Run, cause: Failure): Promise<Failure> {
  const { permissions } = await graph().signIn();
  const { details } = cause;
  if (!permissions.includes(RIGHT)) {
    const message = `The app has no ${RIGHT}, so Microsoft refuses the MFA report. The last good data is kept.`;
    return new Failure('mfa.right-missing', message, { retryable: false, cause, details });
  }
  // Graph says the same of both, so the role is believed only after several tries.
  if (settings.consent === 'delegated') {
    const message =
      'Whoever consented has the right but no directory role that may read the MFA report. The last good data is kept.';
    return new Failure('mfa.role-missing', message, { retryable: true, cause, details });
  }
  const message = 'Microsoft refuses the MFA report although the app has the right. The last good data is kept.';
  return new Failure('mfa.refused', message, { retryable: true, cause, details });
}
