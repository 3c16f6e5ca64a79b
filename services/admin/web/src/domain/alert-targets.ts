import type { AlertTargets, MailTarget } from './api-types.js';

/** The mail form as it is typed; `connection` is the port and how it is secured, `587 starttls`. */
export type MailValues = {
  host: string;
  connection: string;
  user: string;
  password: string;
  from: string;
  to: string;
};
export const EMPTY_MAIL: MailValues = {
  host: '',
  connection: '587 starttls',
  user: '',
  password: '',
  from: '',
  to: '',
};

export const toMailValues = ({ host, port, security, user, from, to }: MailTarget): MailValues => ({
  host,
  connection: `${port} ${security}`,
  user: user ?? '',
  password: '',
  from,
  to: to.join(', '),
});

/** What the API takes; a password that is not typed stays as it is. */
export function toMailBody({ host, connection, user, password, from, to }: MailValues): Record<string, unknown> {
  const [port, security] = connection.split(' ');
  return {
    host: host.trim(),
    port: Number(port),
    security,
    user: user.trim() === '' ? null : user.trim(),
    ...(password === '' ? {} : { password }),
    from: from.trim(),
    to: to.split(/[\s,;]+/).filter((address) => address !== ''),
  };
}

/** What is kept, as it is sent back unchanged: without its secrets, which then stay; the webhook's address is one. */
export function toTargetsBody({ webhook, email }: AlertTargets): Record<string, unknown> {
  return {
    webhook: webhook && {},
    email: email && toMailBody(toMailValues(email)),
  };
}
