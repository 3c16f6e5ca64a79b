export type CertificateFieldsProps = {
  certificate: string;
  privateKey: string;
  change: (next: { certificate: string } | { privateKey: string }) => void;
};

/** A certificate and its key as they are pasted. */
export const CertificateFields = ({ certificate, privateKey, change }: CertificateFieldsProps) => (
  <>
    <div class="field">
      <label for="certificate">Certificate (PEM)</label>
      <textarea
        id="certificate"
        rows={4}
        spellcheck={false}
        value={certificate}
        aria-describedby="certificate-help"
        onInput={(event) => change({ certificate: event.currentTarget.value })}
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
        onInput={(event) => change({ privateKey: event.currentTarget.value })}
      />
      <p class="help" id="private-key-help">
        Sealed when it is saved, and never shown again.
      </p>
    </div>
  </>
);
