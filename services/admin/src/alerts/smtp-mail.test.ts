import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Untold, type AlertMessage } from './message.js';
import { createMailTarget } from './smtp-mail.js';

const MESSAGE: AlertMessage = {
  ...{ id: 'm', type: 'muster.alert.test', at: '2026-11-27T00:00:00.000Z' },
  data: {
    ...{ rule: 'test', title: 'A test', level: 'remark', text: 'All is well.', since: '2026-11-27T00:00:00.000Z' },
    ...{ integrationId: null, integrationName: null, runbook: 'https://localhost/runbook#test' },
  },
};

describe('a mail server', () => {
  let server: Server;
  let connections = 0;
  before(async () => {
    server = createServer((socket) => {
      connections += 1;
      socket.end('554 nobody is served here\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => void server.close());

  const tell = async (host: string, privateHosts: readonly string[]): Promise<string> => {
    const { port } = server.address() as AddressInfo;
    const rest = { port, security: 'none', user: null, password: null, from: 'a@example.com', to: ['b@example.com'] };
    const target = createMailTarget({ ...rest, security: 'none', host, privateHosts });
    return target(MESSAGE).then(
      () => 'told',
      (error: unknown) => (error instanceof Untold ? error.message : assert.fail(String(error))),
    );
  };

  it('is public, unless its host is allowed, by address, by name and however the number is written', async () => {
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1'])
      assert.match(await tell(host, ['elsewhere.example']), /private network.*ALERT_PRIVATE_HOSTS/, host);
    assert.equal(connections, 0, 'nothing is sent, not even a greeting');
    for (const host of ['127.0.0.1', 'LOCALHOST'])
      assert.doesNotMatch(await tell(host, ['localhost', '127.0.0.1']), /private network/);
    assert.equal(connections, 2);
  });
});
