import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readCommand, writeMessage } from './mongo-wire.js';
import { createWriteRefusals, DISK_FULL, readOnly, type Refusal } from './refuse-writes.js';

const INSERT = { insert: 'users', documents: [{ _id: 1 }, { _id: 2 }] };
const FIND = { find: 'users', filter: {} };
const MORE_TO_COME = 2;

/** One connection of a proxy; what the client was told by the proxy itself. */
function open() {
  const refusals = createWriteRefusals();
  const answers: Buffer[] = [];
  const streams = refusals.inspect((bytes) => void answers.push(bytes));
  const told = () => answers.map((bytes) => readCommand(bytes)!.body);
  return { ...streams, set: refusals.set, count: refusals.count, answers, told };
}

function answerTo(command: object, refusal: Refusal): unknown {
  const { upstream, set, told } = open();
  set(refusal);
  assert.equal(upstream(writeMessage(command)).length, 0, 'it went on');
  return told()[0];
}

const notPrimary = { ok: 0, errmsg: 'not primary', code: 10_107, codeName: 'NotWritablePrimary' };
const full = { code: 14_031, errmsg: 'No space left on device' };

describe('a proxy that answers writes itself', () => {
  it('changes no byte while nothing is refused, wherever the streams are cut', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some));
    const message = fc.string().map((text) => writeMessage({ insert: text }));
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, message)), fc.constantFrom('upstream', 'downstream'), (pieces, stream) => {
        const connection = open();
        for (const piece of pieces) assert.deepEqual(connection[stream](piece), piece);
        assert.deepEqual(connection.answers, []);
      }),
    );
  });

  it('read-only: the command fails, and the answer names the request', () => {
    const { upstream, set, answers, told, count } = open();
    const insert = writeMessage(INSERT);
    set(readOnly());
    assert.equal(upstream(insert.subarray(0, 30)).length, 0);
    assert.equal(upstream(insert.subarray(30)).length, 0);
    assert.deepEqual(told(), [notPrimary]);
    assert.equal(answers[0]!.readInt32LE(8), insert.readInt32LE(4));
    assert.equal(count(), 1);
  });

  it('read-only: the answer has the version of the topology, so that drivers do not look for another server', () => {
    const topologyVersion = { counter: 4 };
    assert.deepEqual(answerTo(INSERT, readOnly(topologyVersion)), { ...notPrimary, topologyVersion });
  });

  it('a full disk: each write that was tried fails, other commands as a whole', () => {
    const first = { index: 0, ...full };
    assert.deepEqual(answerTo(INSERT, DISK_FULL), { n: 0, writeErrors: [first], ok: 1 });
    const all = { n: 0, writeErrors: [first, { ...first, index: 1 }], ok: 1 };
    assert.deepEqual(answerTo({ ...INSERT, ordered: false }, DISK_FULL), all);
    const update = { update: 'users', updates: [{ q: {}, u: {} }] };
    assert.deepEqual(answerTo(update, DISK_FULL), { n: 0, nModified: 0, writeErrors: [first], ok: 1 });
    const whole = { ok: 0, ...full, codeName: 'OutOfDiskSpace' };
    assert.deepEqual(answerTo({ findAndModify: 'users' }, DISK_FULL), whole);
  });

  it('knows what writes', () => {
    const writes = [{ delete: 'a' }, { createIndexes: 'a' }, { drop: 'a' }, { bulkWrite: 1 }];
    const out = { aggregate: 'a', pipeline: [{ $match: {} }, { $merge: { into: 'b' } }] };
    for (const command of [...writes, out]) assert.deepEqual(answerTo(command, readOnly()), notPrimary);
    const { upstream, set, answers } = open();
    set(readOnly());
    const read = { aggregate: 'a', pipeline: [{ $match: {} }] };
    for (const message of [FIND, { hello: 1 }, read].map((command) => writeMessage(command)))
      assert.deepEqual(upstream(message), message);
    assert.deepEqual(answers, []);
  });

  it('swallows what expects no answer', () => {
    const { upstream, set, answers, count } = open();
    set(readOnly());
    assert.equal(upstream(writeMessage(INSERT, { flags: MORE_TO_COME })).length, 0);
    assert.deepEqual([answers.map(({ length }) => length), count()], [[0], 1]);
  });

  it('answers no sooner than the server has ended the message that it is at', () => {
    const { upstream, downstream, set, answers } = open();
    set(readOnly());
    const batch = writeMessage({ ok: 1, cursor: {} });
    assert.deepEqual(downstream(batch.subarray(0, 7)), batch.subarray(0, 7));
    upstream(writeMessage(INSERT));
    assert.deepEqual(answers, []);
    const rest = downstream(Buffer.concat([batch.subarray(7), batch]));
    const end = batch.length - 7;
    assert.deepEqual(rest.subarray(0, end), batch.subarray(7));
    assert.deepEqual(rest.subarray(-batch.length), batch);
    assert.deepEqual(readCommand(rest.subarray(end, -batch.length))!.body, notPrimary);
  });

  it('lets a message that had begun go on, and one that was held when the refusal ends', () => {
    const { upstream, set, answers } = open();
    const insert = writeMessage(INSERT);
    const [head, tail] = [insert.subarray(0, 10), insert.subarray(10)];
    assert.deepEqual(upstream(head), head);
    set(readOnly());
    assert.deepEqual(upstream(tail), tail);
    assert.equal(upstream(head).length, 0);
    set(undefined);
    assert.deepEqual(upstream(tail), insert);
    assert.deepEqual(answers, []);
  });
});
