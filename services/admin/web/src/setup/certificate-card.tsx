import { useState } from 'preact/hooks';
import { call } from '../api/client.js';
import { refresh } from '../api/queries.js';
import type { Credentials } from '../domain/credentials.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card } from '../parts/basics.js';
import { seeCollision } from './collision.js';
import { SeenProblem, useSeen } from './seen-credentials.js';

/** A certificate in place of a secret: its public part is in Entra, its key is sealed here. */
export function CertificateCard({ integrationId, credentials }: { integrationId: string; credentials: Credentials }) {
  const seen = useSeen(credentials);
  const toast = useToast();
  const [certificate, setCertificate] = useState('');
  const [privateKey, setPrivateKey] = useState('');
  const put = useAction(async () => {
    await seeCollision(
      call('PUT', `/integrations/${integrationId}/certificate`, {
        body: { certificate, privateKey },
        ifMatch: `"${credentials.revision}"`,
      }),
    );
    setCertificate('');
    setPrivateKey('');
    seen.end();
    toast('Kept beside the one in use. Test it, then switch to it.');
    await refresh('/integrations');
  });
  const isReady = certificate.includes('CERTIFICATE') && privateKey.includes('PRIVATE KEY');
  return (
    <Card title="Enter a certificate">
      <div class="stack">
        <div class="field">
          <label for="certificate">Certificate (PEM)</label>
          <textarea
            id="certificate"
            rows={4}
            spellcheck={false}
            value={certificate}
            aria-describedby="certificate-help"
            onInput={(event) => {
              seen.begin();
              setCertificate(event.currentTarget.value);
            }}
          />
          <p class="help" id="certificate-help">
            The same as uploaded in Entra under Certificates &amp; secrets › Certificates.
          </p>
        </div>
        <div class="field">
          <label for="private-key">Private key (PEM, without a passphrase)</label>
          <textarea
            id="private-key"
            rows={4}
            spellcheck={false}
            autocomplete="off"
            value={privateKey}
            aria-describedby="private-key-help"
            onInput={(event) => {
              seen.begin();
              setPrivateKey(event.currentTarget.value);
            }}
          />
          <p class="help" id="private-key-help">
            Sealed when it is saved, and never shown again.
          </p>
        </div>
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
