import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import type { IntegrationSettings } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import type { Principal } from '../keys/principal.js';
import { createStreamHub, type StreamHub } from './stream-hub.js';

class OpenPage extends EventEmitter {
  readonly writableLength = 0;
  text = '';
  flushHeaders(): void {
    this.text = '';
  }
  write(text: string): void {
    this.text += text;
  }
  end(text = ''): void {
    this.text += text;
    this.emit('close');
  }
}

const rest = { scopes: [], keyHash: null };
const member = (name: string, session: string): Principal => ({
  ...rest,
  ...{ role: 'member', integrationId: 'a', actor: `person t/${name}`, sessionHash: session },
  person: { tenantId: 't', userId: name },
});

describe('pages that stay open', () => {
  let hub: StreamHub;
  let revision = 1;
  beforeEach(() => {
    revision = 1;
    hub = createStreamHub({
      integrations: {
        all: () =>
          Promise.resolve([{ integrationId: 'a', tenantId: 't', state: 'active', revision } as IntegrationSettings]),
      },
      now: () => new Date(),
      ...{ heartbeatEvery: 3_600_000, statusEvery: 3_600_000, editsEvery: 5 },
    });
  });
  afterEach(() => hub.close());
  const open = (principal: Principal, stillMay = () => Promise.resolve(true)): OpenPage => {
    const page = new OpenPage();
    void hub.open(page as unknown as Response, principal, stillMay);
    return page;
  };

  it('one person takes twenty places at most, however often signed in; the others have theirs', () => {
    const pages = Array.from({ length: 20 }, (_, index) => open(member('ada', `s${index}`)));
    assert.equal(hub.isFull(member('ada', 'another')), 'share');
    assert.equal(hub.isFull(member('bert', 's0')), null);
    pages[0]!.end();
    assert.equal(hub.isFull(member('ada', 'another')), null);
  });

  it('a copy has an end too, for all together', () => {
    for (let person = 0; person < 100; person += 1)
      for (let page = 0; page < 20; page += 1) open(member(`p${person}`, 's'));
    assert.equal(hub.isFull(member('bert', 's')), 'copy');
  });

  it('an edit of the integration asks at once whether the pages may stay', async () => {
    let may = true;
    let asked = 0;
    const page = open(member('ada', 's'), () => {
      asked += 1;
      return Promise.resolve(may);
    });
    await eventually(() => {
      revision += 1;
      return asked > 0;
    });
    assert.ok(!page.text.includes('event: cut'), page.text);
    may = false;
    revision += 1;
    await eventually(() => page.text.includes('event: cut'));
  });
});
