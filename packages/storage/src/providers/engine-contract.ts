import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cp, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { OrbitError, compareBytes, fromBinaryString, hasCode, toBinaryString, toHex } from '@orbit-ts/base'
import fc from 'fast-check'
import type { EngineEntry, EngineWrite, LocalEngine } from '../transaction/local-engine.js'

/** One way to harm a closed data directory. It must end in `STORAGE_CORRUPT`, at open or at the first read. */
export interface Damage {
  /** Matches paths below the data directory, written with `/`. */
  readonly file: RegExp
  readonly how: 'delete' | 'empty' | 'truncate' | 'flip'
}

export interface EngineContractOptions {
  /** Default true. False leaves out everything about directories, reopening and damage. */
  readonly persistent?: boolean
  /**
   * Source of an ES module that assigns `globalThis.openEngine = (dataDir) => Promise<LocalEngine>`; it lets a second
   * process try to open a directory that is in use.
   */
  readonly childOpener?: string
  /** Harm that this engine notices after a clean close. Each entry is applied to every matching file in turn. */
  readonly damage?: readonly Damage[]
  /** Largest value that is tried, bytes. Default 5 MiB. */
  readonly largeValueBytes?: number
}

/** Registers the tests that every {@link LocalEngine} must pass. `open` gets a directory that may not exist yet. */
export function testLocalEngine(
  name: string,
  open: (dataDir: string) => Promise<LocalEngine>,
  options: EngineContractOptions = {},
): void {
  const persistent = options.persistent ?? true
  describe(`local engine ${name}`, () => {
    const bench = new Bench(open)
    before(() => bench.setUp())
    after(() => bench.tearDown())
    testPoints(bench)
    testCursors(bench)
    testBatches(bench, options.largeValueBytes ?? 5 * 1024 * 1024)
    testModel(bench, persistent)
    testClosed(bench, persistent)
    if (!persistent) return
    testReopening(bench)
    testExclusion(bench, options.childOpener)
    for (const damage of options.damage ?? []) testDamage(bench, damage)
  })
}

/** Directories and engines of one run; all of them go when it ends. */
class Bench {
  readonly #open: (dataDir: string) => Promise<LocalEngine>
  readonly #engines = new Set<LocalEngine>()
  #root = ''
  #directories = 0

  constructor(open: (dataDir: string) => Promise<LocalEngine>) {
    this.#open = open
  }

  async setUp(): Promise<void> {
    this.#root = await mkdtemp(join(tmpdir(), 'orbit-engine-'))
  }

  async tearDown(): Promise<void> {
    for (const engine of [...this.#engines]) await this.close(engine)
    await rm(this.#root, { recursive: true, force: true })
  }

  directory(): string {
    return join(this.#root, `data-${this.#directories++}`)
  }

  async open(dataDir: string = this.directory()): Promise<LocalEngine> {
    const engine = await this.#open(dataDir)
    this.#engines.add(engine)
    return engine
  }

  async close(engine: LocalEngine): Promise<void> {
    this.#engines.delete(engine)
    await engine.close()
  }

  async use(work: (engine: LocalEngine) => Promise<void>): Promise<void> {
    const engine = await this.open()
    try {
      await work(engine)
    } finally {
      await this.close(engine)
    }
  }
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const put = (key: Uint8Array, value: Uint8Array): EngineWrite => ({ key, value })
const remove = (key: Uint8Array): EngineWrite => ({ key, value: undefined })
const hex = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : toHex(value)
const hexEntries = (entries: readonly EngineEntry[]): string[] =>
  entries.map((entry) => `${toHex(entry.key)}=${toHex(entry.value)}`)
const numberKey = (n: number): Uint8Array => bytes(n >>> 8, n & 0xff)

/** Keys at the edges of the order, sorted. The empty key comes first. */
const EDGE_KEYS: readonly Uint8Array[] = [
  bytes(),
  bytes(0x00),
  bytes(0x00, 0x00),
  bytes(0x00, 0xff),
  bytes(0x01),
  bytes(0x7f),
  bytes(0x80),
  bytes(0xfe, 0xff),
  bytes(0xff),
  bytes(0xff, 0x00),
  bytes(0xff, 0xff),
  bytes(0xff, 0xff, 0xff),
]

async function writeEdgeKeys(engine: LocalEngine): Promise<void> {
  const batch = EDGE_KEYS.map((key, i) => put(key, bytes(i, key.byteLength)))
  await engine.write(batch.toReversed(), { sync: false })
}

const edgeEntries = (from: number, to: number): string[] =>
  EDGE_KEYS.slice(from, to).map((key, i) => `${toHex(key)}=${toHex(bytes(from + i, key.byteLength))}`)

/** Every entry of a range, read `count` at a time; checks that only the last chunk is short. */
async function readRange(
  engine: LocalEngine,
  range: { start?: Uint8Array; end?: Uint8Array } = {},
  options: { reverse?: boolean; keysOnly?: boolean; count?: number } = {},
): Promise<EngineEntry[]> {
  const count = options.count ?? 100
  const cursor = engine.cursor(range, {
    reverse: options.reverse ?? false,
    keysOnly: options.keysOnly ?? false,
  })
  const entries: EngineEntry[] = []
  try {
    for (;;) {
      const chunk = await cursor.next(count)
      assert.ok(chunk.length <= count, `asked for ${count} entries, got ${chunk.length}`)
      entries.push(...chunk)
      if (chunk.length < count) break
    }
    assert.deepEqual(await cursor.next(count), [], 'a cursor at its end stays there')
  } finally {
    await cursor.close()
  }
  return entries
}

function testPoints(bench: Bench): void {
  it('reads what was written; a missing key is undefined', () =>
    bench.use(async (engine) => {
      assert.equal(await engine.get(bytes(1)), undefined)
      assert.equal(await engine.get(bytes()), undefined)
      await engine.write([put(bytes(1), bytes(10)), put(bytes(2), bytes())], { sync: false })
      assert.equal(hex(await engine.get(bytes(1))), '0a')
      assert.equal(hex(await engine.get(bytes(2))), '', 'an empty value is a value')
      assert.equal(await engine.get(bytes(1, 0)), undefined)
      await engine.write([put(bytes(1), bytes(11)), remove(bytes(2)), remove(bytes(3))], { sync: true })
      assert.equal(hex(await engine.get(bytes(1))), '0b')
      assert.equal(await engine.get(bytes(2)), undefined)
    }))

  it('keeps the empty key and keys of 0x00 and 0xff apart', () =>
    bench.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const [i, key] of EDGE_KEYS.entries()) {
        assert.equal(hex(await engine.get(key)), toHex(bytes(i, key.byteLength)), `key ${toHex(key)}`)
      }
      await engine.write([remove(bytes())], { sync: false })
      assert.equal(await engine.get(bytes()), undefined)
      assert.equal(hex(await engine.get(bytes(0))), '0101')
    }))

  it('answers getMany in the order of the keys, with gaps and repetitions', () =>
    bench.use(async (engine) => {
      assert.deepEqual(await engine.getMany([]), [])
      await writeEdgeKeys(engine)
      const keys = [
        bytes(0xff),
        bytes(0x33),
        bytes(),
        bytes(0xff),
        bytes(0x00),
        bytes(0xff, 0xff, 0xff, 0xff),
      ]
      const values = await engine.getMany(keys)
      assert.deepEqual(values.map(hex), ['0801', undefined, '0000', '0801', '0101', undefined])
    }))

  it('answers getMany for a thousand keys', () =>
    bench.use(async (engine) => {
      const numbers = Array.from({ length: 1000 }, (_, i) => i)
      const even = numbers.filter((i) => i % 2 === 0)
      await engine.write(
        even.map((i) => put(numberKey(i), bytes(i & 0xff, 7))),
        { sync: false },
      )
      const values = await engine.getMany(numbers.map(numberKey))
      assert.deepEqual(
        values.map(hex),
        numbers.map((i) => (i % 2 === 0 ? toHex(bytes(i & 0xff, 7)) : undefined)),
      )
    }))

  it('accepts bytes that are a window of a larger buffer', () =>
    bench.use(async (engine) => {
      const memory = Uint8Array.from({ length: 64 }, (_, i) => i)
      await engine.write([put(memory.subarray(5, 9), memory.subarray(20, 23))], { sync: false })
      assert.equal(hex(await engine.get(bytes(5, 6, 7, 8))), '141516')
      assert.deepEqual((await engine.getMany([memory.subarray(5, 9)])).map(hex), ['141516'])
      const entries = await readRange(engine, { start: memory.subarray(5, 6), end: memory.subarray(6, 7) })
      assert.deepEqual(hexEntries(entries), ['05060708=141516'])
    }))

  it('returns bytes that later writes and reads do not change', () =>
    bench.use(async (engine) => {
      const key = bytes(1)
      await engine.write([put(key, new Uint8Array(300).fill(1))], { sync: false })
      const value = await engine.get(key)
      const [many] = await engine.getMany([key])
      const [entry] = await readRange(engine)
      const expected = toHex(new Uint8Array(300).fill(1))
      for (let round = 2; round < 20; round++) {
        await engine.write([put(key, new Uint8Array(300).fill(round))], { sync: false })
        await engine.get(key)
        await readRange(engine)
      }
      await engine.write([remove(key)], { sync: true })
      assert.equal(hex(value), expected)
      assert.equal(hex(many), expected)
      assert.equal(hex(entry?.key), '01')
      assert.equal(hex(entry?.value), expected)
    }))
}

function testCursors(bench: Bench): void {
  const ranges: {
    title: string
    range: { start?: Uint8Array; end?: Uint8Array }
    from: number
    to: number
  }[] = [
    { title: 'everything', range: {}, from: 0, to: 12 },
    { title: 'an open end', range: { start: bytes(0x80) }, from: 6, to: 12 },
    { title: 'an open start', range: { end: bytes(0x80) }, from: 0, to: 6 },
    { title: 'both bounds', range: { start: bytes(0x00, 0x01), end: bytes(0xff) }, from: 3, to: 8 },
    {
      title: 'bounds that are no keys',
      range: { start: bytes(0x02), end: bytes(0xff, 0x01) },
      from: 5,
      to: 10,
    },
    { title: 'start at the empty key', range: { start: bytes(), end: bytes(0x00, 0x00) }, from: 0, to: 2 },
    { title: 'end at the empty key', range: { end: bytes() }, from: 0, to: 0 },
    { title: 'after the last key', range: { start: bytes(0xff, 0xff, 0xff, 0x00) }, from: 0, to: 0 },
    { title: 'start equal to end', range: { start: bytes(0x80), end: bytes(0x80) }, from: 0, to: 0 },
    { title: 'start behind end', range: { start: bytes(0xff), end: bytes(0x01) }, from: 0, to: 0 },
  ]

  it('walks ranges forwards and backwards in chunks of any size', () =>
    bench.use(async (engine) => {
      assert.deepEqual(await readRange(engine), [])
      assert.deepEqual(await readRange(engine, {}, { reverse: true }), [])
      await writeEdgeKeys(engine)
      for (const { title, range, from, to } of ranges) {
        for (const count of [1, 3, 12, 1000]) {
          const forward = await readRange(engine, range, { count })
          assert.deepEqual(hexEntries(forward), edgeEntries(from, to), `${title}, ${count} at a time`)
          const backward = await readRange(engine, range, { count, reverse: true })
          const expected = edgeEntries(from, to).toReversed()
          assert.deepEqual(hexEntries(backward), expected, `${title}, ${count} at a time, backwards`)
        }
      }
    }))

  it('leaves values out of a keysOnly walk', () =>
    bench.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const reverse of [false, true]) {
        const entries = await readRange(engine, {}, { keysOnly: true, reverse, count: 5 })
        const keys = EDGE_KEYS.map((key) => `${toHex(key)}=`)
        assert.deepEqual(hexEntries(entries), reverse ? keys.toReversed() : keys)
      }
    }))

  it('lets chunk sizes change on the way and a cursor be closed early', () =>
    bench.use(async (engine) => {
      await writeEdgeKeys(engine)
      const cursor = engine.cursor({}, { reverse: false, keysOnly: false })
      const parts = [await cursor.next(1), await cursor.next(4), await cursor.next(2)]
      assert.deepEqual(
        parts.map((part) => part.length),
        [1, 4, 2],
      )
      assert.deepEqual(hexEntries(parts.flat()), edgeEntries(0, 7))
      await cursor.close()
      await cursor.close()
      const untouched = engine.cursor({}, { reverse: true, keysOnly: false })
      await untouched.close()
    }))

  it('runs many cursors at once', () =>
    bench.use(async (engine) => {
      await writeEdgeKeys(engine)
      const walks = Array.from({ length: 20 }, (_, i) =>
        readRange(engine, {}, { count: 1 + (i % 4), reverse: i % 2 === 1 }),
      )
      for (const [i, entries] of (await Promise.all(walks)).entries()) {
        assert.deepEqual(
          hexEntries(entries),
          i % 2 === 1 ? edgeEntries(0, 12).toReversed() : edgeEntries(0, 12),
        )
      }
    }))

  it('stays in order and misses no untouched key while writes go on', () =>
    bench.use(async (engine) => {
      const keep = (i: number): boolean => i % 3 === 0
      const all = Array.from({ length: 600 }, (_, i) => i)
      await engine.write(
        all.map((i) => put(numberKey(i), bytes(1))),
        { sync: false },
      )
      for (const reverse of [false, true]) {
        const cursor = engine.cursor({}, { reverse, keysOnly: true })
        const seen: Uint8Array[] = []
        for (let round = 0; ; round++) {
          const chunk = await cursor.next(50)
          seen.push(...chunk.map((entry) => entry.key))
          if (chunk.length < 50) break
          const batch = all
            .filter((i) => !keep(i))
            .map((i) => (round % 2 === 0 ? remove(numberKey(i)) : put(numberKey(i), bytes(2))))
          await engine.write(batch, { sync: false })
        }
        await cursor.close()
        const sorted = seen.toSorted((a, b) => (reverse ? compareBytes(b, a) : compareBytes(a, b)))
        assert.deepEqual(seen.map(toBinaryString), sorted.map(toBinaryString))
        assert.equal(new Set(seen.map(toBinaryString)).size, seen.length, 'no key twice')
        const found = new Set(seen.map(toBinaryString))
        assert.ok(all.filter(keep).every((i) => found.has(toBinaryString(numberKey(i)))))
      }
    }))
}

function testBatches(bench: Bench, largeValueBytes: number): void {
  it('writes a batch of many keys, with and without sync', () =>
    bench.use(async (engine) => {
      const batch = Array.from({ length: 5000 }, (_, i) => put(numberKey(i), bytes(i & 0xff)))
      await engine.write(batch, { sync: true })
      assert.equal((await readRange(engine, {}, { count: 512 })).length, 5000)
      await engine.write(
        batch.map(({ key }) => remove(key)),
        { sync: false },
      )
      assert.deepEqual(await readRange(engine), [])
    }))

  it('accepts an empty batch', () =>
    bench.use(async (engine) => void (await engine.write([], { sync: true }))))

  it('keeps large values and long keys whole', () =>
    bench.use(async (engine) => {
      const size = Math.min(largeValueBytes, engine.limits.valueSizeMaxBytes)
      const large = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 10)) & 0xff)
      const mebibyte = new Uint8Array(Math.min(1024 * 1024, size)).fill(0xab)
      const longKey = new Uint8Array(engine.limits.keySizeMaxBytes).fill(0xff)
      await engine.write([put(bytes(1), large), put(bytes(2), mebibyte), put(longKey, bytes(9))], {
        sync: true,
      })
      assert.equal(Buffer.compare((await engine.get(bytes(1))) ?? bytes(), large), 0)
      const [first, second] = await engine.getMany([bytes(2), bytes(1)])
      assert.equal(Buffer.compare(first ?? bytes(), mebibyte), 0)
      assert.equal(Buffer.compare(second ?? bytes(), large), 0)
      const entries = await readRange(engine, {}, { count: 2 })
      assert.deepEqual(
        entries.map((entry) => entry.value.byteLength),
        [large.byteLength, mebibyte.byteLength, 1],
      )
      assert.equal(hex(await engine.get(longKey)), '09')
      assert.equal(await engine.get(longKey.subarray(1)), undefined)
    }))

  it('shows facts as finite numbers', () =>
    bench.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const [fact, value] of Object.entries(engine.stats())) {
        assert.match(fact, /^[a-z][a-z0-9_]*$/)
        assert.ok(Number.isFinite(value), `${fact} is ${value}`)
      }
    }))
}

type Command =
  | {
      readonly type: 'write'
      readonly batch: readonly (readonly [string, string | null])[]
      readonly sync: boolean
    }
  | {
      readonly type: 'scan'
      readonly start: string | null
      readonly end: string | null
      readonly reverse: boolean
      readonly count: number
    }
  | { readonly type: 'getMany'; readonly keys: readonly string[] }
  | { readonly type: 'reopen' }

/** Short strings of few distinct bytes, so that keys collide and are prefixes of each other. */
const keyArbitrary = fc.string({ unit: fc.constantFrom('\x00', 'a', '\x7f', '\x80', '\xff'), maxLength: 4 })

function commandArbitrary(persistent: boolean): fc.Arbitrary<Command> {
  const write: fc.Arbitrary<Command> = fc.record({
    type: fc.constant('write' as const),
    batch: fc.uniqueArray(
      fc.tuple(keyArbitrary, fc.option(fc.string({ unit: 'binary-ascii', maxLength: 20 }))),
      {
        selector: ([key]) => key,
        maxLength: 30,
      },
    ),
    sync: fc.boolean(),
  })
  const scan = fc.record({
    type: fc.constant('scan' as const),
    start: fc.option(keyArbitrary),
    end: fc.option(keyArbitrary),
    reverse: fc.boolean(),
    count: fc.integer({ min: 1, max: 40 }),
  })
  const getMany: fc.Arbitrary<Command> = fc.record({
    type: fc.constant('getMany' as const),
    keys: fc.array(keyArbitrary, { maxLength: 20 }),
  })
  const reopen: fc.Arbitrary<Command> = fc.constant({ type: 'reopen' as const })
  return fc.oneof(
    { weight: 5, arbitrary: write },
    { weight: 4, arbitrary: scan },
    { weight: 3, arbitrary: getMany },
    { weight: persistent ? 1 : 0, arbitrary: reopen },
  )
}

function testModel(bench: Bench, persistent: boolean): void {
  it('agrees with an ordered map on random commands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary(persistent), { maxLength: 25 }), async (commands) => {
        const dataDir = bench.directory()
        const model = new Map<string, string>()
        let engine = await bench.open(dataDir)
        try {
          for (const command of commands) {
            if (command.type === 'reopen') {
              await bench.close(engine)
              engine = await bench.open(dataDir)
            } else {
              await runCommand(engine, model, command)
            }
          }
        } finally {
          await bench.close(engine)
        }
      }),
      { numRuns: 20 },
    )
  })
}

async function runCommand(
  engine: LocalEngine,
  model: Map<string, string>,
  command: Exclude<Command, { type: 'reopen' }>,
): Promise<void> {
  if (command.type === 'write') {
    const batch = command.batch.map(([key, value]) => ({
      key: fromBinaryString(key),
      value: value === null ? undefined : fromBinaryString(value),
    }))
    await engine.write(batch, { sync: command.sync })
    for (const [key, value] of command.batch) {
      if (value === null) model.delete(key)
      else model.set(key, value)
    }
  } else if (command.type === 'getMany') {
    const values = await engine.getMany(command.keys.map(fromBinaryString))
    assert.deepEqual(
      values.map((value) => (value === undefined ? undefined : toBinaryString(value))),
      command.keys.map((key) => model.get(key)),
    )
  } else {
    const range = {
      ...(command.start === null ? {} : { start: fromBinaryString(command.start) }),
      ...(command.end === null ? {} : { end: fromBinaryString(command.end) }),
    }
    const entries = await readRange(engine, range, { reverse: command.reverse, count: command.count })
    const inRange = [...model]
      .filter(
        ([key]) =>
          (command.start === null || key >= command.start) && (command.end === null || key < command.end),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
    assert.deepEqual(
      entries.map(({ key, value }) => [toBinaryString(key), toBinaryString(value)]),
      command.reverse ? inRange.reverse() : inRange,
    )
  }
}

function testClosed(bench: Bench, persistent: boolean): void {
  it('refuses every call after close', async () => {
    const engine = await bench.open()
    await writeEdgeKeys(engine)
    await bench.close(engine)
    const closed = (error: unknown): boolean => hasCode(error, 'STORAGE_CLOSED')
    await assert.rejects(async () => engine.get(bytes(1)), closed)
    await assert.rejects(async () => engine.getMany([bytes(1)]), closed)
    await assert.rejects(async () => engine.write([put(bytes(1), bytes(1))], { sync: false }), closed)
    await assert.rejects(async () => engine.cursor({}, { reverse: false, keysOnly: false }).next(1), closed)
    if (persistent) await assert.doesNotReject(async () => engine.close(), 'a second close is harmless')
  })
}

function testReopening(bench: Bench): void {
  it('creates the directory and finds everything again', async () => {
    const dataDir = join(bench.directory(), 'deep', 'er')
    for (const sync of [true, false]) {
      const engine = await bench.open(dataDir)
      assert.equal(engine.persistent, true)
      await engine.write([put(bytes(1, sync ? 1 : 0), bytes(1))], { sync })
      await bench.close(engine)
    }
    const engine = await bench.open(dataDir)
    assert.deepEqual(hexEntries(await readRange(engine)), ['0100=01', '0101=01'])
    await bench.close(engine)
  })

  it('survives many reopenings without writes', async () => {
    const dataDir = bench.directory()
    const first = await bench.open(dataDir)
    await writeEdgeKeys(first)
    await bench.close(first)
    for (let round = 0; round < 5; round++) {
      const engine = await bench.open(dataDir)
      assert.deepEqual(hexEntries(await readRange(engine)), edgeEntries(0, 12))
      await bench.close(engine)
    }
  })
}

const CHILD = `
await import('data:text/javascript,' + encodeURIComponent(process.argv[1]))
try {
  const engine = await globalThis.openEngine(process.argv[2])
  await engine.close()
  console.log(JSON.stringify({ opened: true }))
} catch (error) {
  console.log(JSON.stringify({ opened: false, code: error.code, message: error.message }))
}`

function openInChild(
  opener: string,
  dataDir: string,
): Promise<{ opened: boolean; code?: string; message?: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, opener, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', reject)
    child.once('close', () => {
      try {
        resolve(JSON.parse(output) as { opened: boolean; code?: string; message?: string })
      } catch {
        reject(new Error(`the child process printed ${JSON.stringify(output)}`))
      }
    })
  })
}

function testExclusion(bench: Bench, childOpener: string | undefined): void {
  const locked = (error: unknown): boolean =>
    hasCode(error, 'STORAGE_LOCKED') && error.message.includes(String(process.pid))

  it('refuses a second opener in the same process and leaves the first unharmed', async () => {
    const dataDir = bench.directory()
    const engine = await bench.open(dataDir)
    await writeEdgeKeys(engine)
    await assert.rejects(bench.open(dataDir), locked)
    await assert.rejects(bench.open(dataDir), locked)
    await engine.write([put(bytes(5), bytes(5))], { sync: true })
    assert.equal(hex(await engine.get(bytes(5))), '05')
    await bench.close(engine)
    const again = await bench.open(dataDir)
    assert.equal(hex(await again.get(bytes(5))), '05')
    await bench.close(again)
  })

  if (childOpener === undefined) return
  it('refuses a second process, and lets it in after close', async () => {
    const dataDir = bench.directory()
    const engine = await bench.open(dataDir)
    await writeEdgeKeys(engine)
    const refused = await openInChild(childOpener, dataDir)
    assert.equal(refused.opened, false)
    assert.equal(refused.code, 'STORAGE_LOCKED')
    assert.ok(refused.message?.includes(String(process.pid)), refused.message)
    assert.deepEqual(hexEntries(await readRange(engine)), edgeEntries(0, 12))
    await bench.close(engine)
    assert.deepEqual(await openInChild(childOpener, dataDir), { opened: true })
    const again = await bench.open(dataDir)
    assert.deepEqual(hexEntries(await readRange(again)), edgeEntries(0, 12))
    await bench.close(again)
  })
}

const DAMAGED_ENTRIES = 400

async function harm(path: string, how: Damage['how']): Promise<void> {
  if (how === 'delete') return rm(path)
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    if (how === 'empty') await handle.truncate(0)
    else if (how === 'truncate') await handle.truncate(Math.floor(size / 2))
    else await flipByte(handle, Math.floor(size / 2))
  } finally {
    await handle.close()
  }
}

async function flipByte(handle: Awaited<ReturnType<typeof open>>, position: number): Promise<void> {
  const byte = new Uint8Array(1)
  await handle.read(byte, 0, 1, position)
  await handle.write(bytes((byte[0] ?? 0) ^ 0xff), 0, 1, position)
}

async function filesBelow(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

function testDamage(bench: Bench, damage: Damage): void {
  it(`notices after a clean close: ${damage.how} ${damage.file.source}`, async () => {
    const dataDir = bench.directory()
    const engine = await bench.open(dataDir)
    for (let i = 0; i < DAMAGED_ENTRIES; i++) {
      await engine.write([put(numberKey(i), new Uint8Array(100).fill(i & 0xff))], {
        sync: i === DAMAGED_ENTRIES - 1,
      })
    }
    await bench.close(engine)
    const matching = (await filesBelow(dataDir)).filter((path) => damage.file.test(path))
    assert.notDeepEqual(
      matching,
      [],
      `no file matches ${damage.file.source} among ${(await filesBelow(dataDir)).join(', ')}`,
    )
    for (const path of matching) {
      const copy = bench.directory()
      await cp(dataDir, copy, { recursive: true })
      await harm(join(copy, path), damage.how)
      await assert.rejects(openAndReadAll(bench, copy), (error: unknown) => {
        assert.ok(error instanceof OrbitError, `${path}: ${String(error)}`)
        assert.equal(error.code, 'STORAGE_CORRUPT', `${path}: ${error.message}`)
        return true
      })
    }
  })
}

async function openAndReadAll(bench: Bench, dataDir: string): Promise<void> {
  const engine = await bench.open(dataDir)
  try {
    const keys = Array.from({ length: DAMAGED_ENTRIES }, (_, i) => numberKey(i))
    const values = await engine.getMany(keys)
    assert.ok(!values.includes(undefined), 'data was lost without an error')
    assert.equal((await readRange(engine)).length, DAMAGED_ENTRIES)
    for (const key of keys)
      assert.notEqual(await engine.get(key), undefined, 'data was lost without an error')
  } finally {
    await bench.close(engine)
  }
}
