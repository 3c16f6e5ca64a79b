import { useState } from 'preact/hooks';
import { call } from '../api/client.js';
import { refresh } from '../api/queries.js';
import type { Credentials } from '../domain/credentials.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card } from '../parts/basics.js';
import { CertificateFields } from './certificate-fields.js';
import { seeCollision } from './collision.js';
import { SeenProblem, useSeen } from './seen-credentials.js';

const NOTHING = { certificate: '', privateKey: '' };

/** A certificate in place of a secret: its public part is in Entra, its key is sealed here. */
export function CertificateCard({ integrationId, credentials }: { integrationId: string; credentials: Credentials }) {
  const seen = useSeen(credentials);
  const toast = useToast();
  const [values, setValues] = useState(NOTHING);
  const { certificate, privateKey } = values;
  const put = useAction(async () => {
    await seeCollision(
      call('PUT', `/integrations/${integrationId}/certificate`, {
        body: { certificate, privateKey },
        ifMatch: `"${credentials.revision}"`,
      }),
    );
    setValues(NOTHING);
    seen.end();
    toast('Kept beside the one in use. Test it, then switch to it.');
    await refresh('/integrations');
  });
  const isReady = certificate.includes('CERTIFICATE') && privateKey.includes('PRIVATE KEY');
  return (
    <Card title="Enter a certificate">
      <div class="stack">
        <CertificateFields
          {...values}
          change={(next) => {
            seen.begin();
            setValues({ ...values, ...next });
          }}
        />
        {isReady && !(seen.outdated && !put.isRunning) && (
          <p>
            <ActionButton action={put} kind="primary" busy="Saving …">
              Keep the certificate
            </ActionButton>
          </p>
        )}
        <SeenProblem seen={seen} saving={put} />
      </div>
    </Card>
  );
}
