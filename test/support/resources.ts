import { randomBytes } from 'node:crypto';
import { clearServers } from './clear-servers.js';
import { testServers } from './infrastructure.js';

/** Something made for one test file that has to go afterwards. */
type Removal = () => Promise<unknown>;

export type Resources = {
  /** In front of every topic and group of this file: two files never see each other's events. */
  readonly prefix: string;
  /** The server's URI with a database of this file's own. */
  readonly mongodbUri: string;
  readonly databaseName: string;
  /** To be undone by `remove`, last first. */
  readonly onRemove: (removal: Removal) => void;
  /** Runs every removal, also when one fails, then clears the servers; throws the first error at the end. */
  readonly remove: () => Promise<void>;
};

/** Names of a test file's own: `beforeEach/after` hooks pass the droppers of what they make to `onRemove`. */
export function createResources(
  label: string,
  mongodbUri: string,
  clear: (left: { mongodbUri: string; prefix: string }) => Promise<unknown> = (left) =>
    clearServers({ kafkaBrokers: testServers().kafkaBrokers, ...left }),
): Resources {
  const unique = `${label.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}-${randomBytes(4).toString('hex')}`;
  const databaseName = `test-${unique}`.slice(0, 60);
  const uri = new URL(mongodbUri);
  uri.pathname = `/${databaseName}`;
  const removals: Removal[] = [];
  return {
    prefix: `${unique}.`,
    mongodbUri: uri.href,
    databaseName,
    onRemove: (removal) => void removals.push(removal),
    async remove() {
      const errors: unknown[] = [];
      for (let removal = removals.pop(); removal; removal = removals.pop()) {
        await removal().catch((error: unknown) => errors.push(error));
      }
      await clear({ mongodbUri: uri.href, prefix: `${unique}.` }).catch((error: unknown) => errors.push(error));
      if (errors.length > 0) throw errors[0];
    },
  };
}
