import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createLogger } from './logger.js';

const logged = (write: (logger: ReturnType<typeof createLogger>) => void): string => {
  const lines: string[] = [];
  write(
    createLogger({ service: 'test', level: 'info', destination: { write: (line: string) => void lines.push(line) } }),
  );
  return lines.join('');
};

describe('createLogger', () => {
  it('writes one JSON line with the service, the level by name and the facts', () => {
    const line = JSON.parse(logged((logger) => logger.info({ tenantId: 't' }, 'users projected'))) as Record<
      string,
      unknown
    >;
    assert.equal(line.service, 'test');
    assert.equal(line.level, 'info');
    assert.equal(line.msg, 'users projected');
    assert.equal(line.tenantId, 't');
  });

  it('censors secrets at the top and two levels down', () => {
    const text = logged((logger) =>
      logger.info(
        { clientSecret: 'hush', settings: { sealed: 'hush', deep: { clientState: 'hush' } } },
        'settings read',
      ),
    );
    assert.ok(!text.includes('hush'), text);
  });

  it('keeps what libraries hang on their errors out of the log', () => {
    const error = Object.assign(new Error('401'), {
      config: { headers: { Authorization: 'Bearer hush' } },
      code: 'E1',
    });
    const text = logged((logger) => logger.error({ err: new Error('outer', { cause: error }) }, 'read failed'));
    assert.ok(!text.includes('hush'), text);
    assert.match(text, /E1/);
  });

  it('drops lines, and does not keep them all, when nobody reads standard output', async () => {
    const fixture = fileURLToPath(new URL('./logger.fixture.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@muster/source', '--import', 'tsx', fixture], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    const { grownMb } = JSON.parse(said) as { grownMb: number };
    assert.ok(grownMb < 40, `${grownMb} MB more after 60 MB of lines`);
  });
});
