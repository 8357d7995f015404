import assert from 'node:assert/strict'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { logRecords } from './log-records.js'
import { maskedCrc } from './masked-crc.js'

const BLOCK = 32_768
let root = ''
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'orbit-log-'))
})
after(() => rm(root, { recursive: true, force: true }))

/** A log as LevelDB writes it. */
function encode(records: readonly Buffer[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  const emit = (bytes: Buffer): void => {
    parts.push(bytes)
    at += bytes.byteLength
  }
  for (const record of records) {
    let done = 0
    do {
      const room = BLOCK - (at % BLOCK)
      if (room < 7) emit(Buffer.alloc(room))
      const bytes = record.subarray(done, done + (BLOCK - (at % BLOCK)) - 7)
      const first = done === 0
      done += bytes.byteLength
      const last = done === record.byteLength
      emit(physical(first ? (last ? 1 : 2) : last ? 4 : 3, bytes))
    } while (done < record.byteLength)
  }
  return Buffer.concat(parts)
}

function physical(type: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(7)
  head.writeUInt16LE(bytes.byteLength, 4)
  head.writeUInt8(type, 6)
  const checked = Buffer.concat([head.subarray(6), bytes])
  head.writeUInt32LE(maskedCrc(checked), 0)
  return Buffer.concat([head, bytes])
}

async function read(bytes: Buffer): Promise<string[]> {
  const path = join(root, 'log')
  await writeFile(path, bytes)
  const file = await open(path, 'r')
  try {
    const items: string[] = []
    for await (const item of logRecords(file)) {
      items.push(item.type === 'record' ? item.bytes.toString('hex') : `${item.type} ${item.at}`)
    }
    return items
  } finally {
    await file.close()
  }
}

const sizes = fc.array(fc.oneof(fc.nat(200), fc.integer({ min: 30_000, max: 100_000 })), {
  minLength: 1,
  maxLength: 6,
})
const recordsOf = (lengths: readonly number[]): Buffer[] =>
  lengths.map((length, i) => Buffer.alloc(length, i + 1))

describe('logRecords', () => {
  it('returns what was written', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const records = recordsOf(lengths)
        assert.deepEqual(
          await read(encode(records)),
          records.map((record) => record.toString('hex')),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('says where a file is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.double({ min: 0, max: 1, noNaN: true }), async (lengths, fraction) => {
        const records = recordsOf(lengths)
        const starts = records.map((_, i) => encode(records.slice(0, i)).byteLength)
        const whole = encode(records)
        const length = Math.floor(fraction * whole.byteLength)
        const items = await read(whole.subarray(0, length))
        const complete = records.filter((_, i) => encode(records.slice(0, i + 1)).byteLength <= length)
        assert.deepEqual(
          items.filter((item) => !item.startsWith('cut')),
          complete.map((record) => record.toString('hex')),
        )
        const cut = items.find((item) => item.startsWith('cut'))
        const start = starts[complete.length]
        if (cut === undefined)
          assert.ok(start === undefined || length <= start || length - start < 7, `${length} after ${start}`)
        else
          assert.ok(start !== undefined && Number(cut.slice(4)) >= start && Number(cut.slice(4)) < start + 7)
      }),
      { numRuns: 60 },
    )
  })

  it('reports damage and goes on at the next block', async () => {
    const records = recordsOf([100, 40_000, 50])
    const whole = encode(records)
    whole[50] = 0
    assert.deepEqual(await read(whole), ['damage 0', `damage ${BLOCK}`, Buffer.alloc(50, 3).toString('hex')])
  })

  it('reports parts that do not fit together', async () => {
    const part = Buffer.from('part')
    assert.deepEqual(await read(physical(4, part)), ['damage 0'])
    assert.deepEqual(await read(physical(9, part)), ['damage 0'])
    assert.deepEqual(await read(Buffer.concat([physical(2, part), physical(1, part)])), [
      'damage 11',
      part.toString('hex'),
    ])
    assert.deepEqual(await read(Buffer.concat([physical(2, Buffer.alloc(0)), physical(1, part)])), [
      part.toString('hex'),
    ])
    assert.deepEqual(await read(physical(2, part)), ['cut 0'])
  })
})
