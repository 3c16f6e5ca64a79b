import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import type { EmailTarget } from '@muster/contracts';
import { isPrivateAddress } from './private-address.js';
import { Untold, type AlertMessage, type Tell } from './message.js';

export type MailOptions = Omit<EmailTarget, 'sealedPassword'> & {
  password: string | null;
  /** Hosts that may have an address in a private network; all others must be public. */
  privateHosts: readonly string[];
};

const LIMIT_MS = 10_000;

/**
 * One mail a message, as plain text. STARTTLS is demanded where it is chosen; a password never goes in the clear. Connects
 * to no private address: the name is looked up once, and what was judged is what is connected to.
 */
export function createMailTarget({ host, port, security, user, password, from, to, privateHosts }: MailOptions): Tell {
  return async (message) => {
    const address = privateHosts.includes(host.toLowerCase()) ? host : await findPublic(host);
    const transport = createTransport({
      ...{
        host: address,
        // Whose certificate it has to be.
        ...(isIP(host) === 0 && { tls: { servername: host } }),
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
      },
      ...{ connectionTimeout: LIMIT_MS, greetingTimeout: LIMIT_MS, socketTimeout: LIMIT_MS },
      ...(user === null || password === null ? {} : { auth: { user, pass: password } }),
      // Nothing in a mail is read from a file or an address.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      await transport.sendMail({
        ...{ from, to: [...to], subject: toSubject(message), text: toText(message) },
        messageId: `<${encodeURIComponent(message.id)}@muster>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      throw new Untold(toWords((error as { code?: string }).code), { cause: error });
    } finally {
      transport.close();
    }
  };
}

async function findPublic(host: string): Promise<string> {
  const addresses = await lookup(host, { all: true, order: 'ipv4first' }).catch((error: unknown) => {
    throw new Untold(toWords('EDNS'), { cause: error });
  });
  const [first] = addresses;
  if (!first) throw new Untold(toWords('EDNS'));
  if (addresses.some(({ address }) => isPrivateAddress(address)))
    throw new Untold(
      'The mail server has an address in a private network. Name its host in ALERT_PRIVATE_HOSTS if that is right.',
    );
  return first.address;
}

const toWords = (code = ''): string => {
  const known: Record<string, string> = {
    EAUTH: 'The mail server does not take user and password.',
    EENVELOPE: 'The mail server refuses the sender or a recipient.',
    ETLS: 'The mail server does not offer STARTTLS.',
    ESOCKET: 'The connection to the mail server failed.',
    EDNS: 'The name of the mail server cannot be found.',
  };
  return known[code] ?? `The mail server did not take it${code === '' ? '' : ` (${code})`}.`;
};

const toSubject = ({ type, data }: AlertMessage): string => {
  const event = type.replace('muster.alert.', '');
  const whose = data.integrationName === null ? '' : ` · ${data.integrationName}`;
  return `[Muster] ${event}: ${data.title}${whose}`.replaceAll(/[\r\n]+/g, ' ');
};

const toText = ({ type, at, data }: AlertMessage): string =>
  [
    type === 'muster.alert.resolved' ? `It is over. It was: ${data.text}` : data.text,
    '',
    `Since ${data.since}, told at ${at}.`,
    ...(data.integrationName === null ? [] : [`Integration: ${data.integrationName} (${data.integrationId})`]),
    `What to do: ${data.runbook}`,
    '',
  ].join('\n');
