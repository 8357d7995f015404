import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { crc32c } from '@node-rs/crc32'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { verifyLogFile } from './log-file.js'

const BLOCK_BYTES = 32768

/** Writes records as RocksDB does: fragments that fill blocks, blocks filled up with zeros. */
function logOf(payloads: readonly Uint8Array[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  const append = (part: Buffer): void => void (parts.push(part), (at += part.byteLength))
  for (const payload of payloads) {
    let from = 0
    do {
      const left = BLOCK_BYTES - (at % BLOCK_BYTES)
      if (left < 7) append(Buffer.alloc(left))
      const room = BLOCK_BYTES - (at % BLOCK_BYTES) - 7
      const fragment = payload.subarray(from, from + room)
      const first = from === 0
      from += fragment.byteLength
      const last = from === payload.byteLength
      append(record(first ? (last ? 1 : 2) : last ? 4 : 3, fragment))
    } while (from < payload.byteLength)
  }
  return Buffer.concat(parts)
}

function record(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(7)
  header.writeUInt16LE(payload.byteLength, 4)
  header.writeUInt8(type, 6)
  const sum = crc32c(payload, crc32c(header.subarray(6)))
  header.writeUInt32LE((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0, 0)
  return Buffer.concat([header, payload])
}

describe('log file', () => {
  let root = ''
  before(async () => void (root = await mkdtemp(join(tmpdir(), 'orbit-log-'))))
  after(() => rm(root, { recursive: true, force: true }))

  const verify = async (content: Uint8Array, exact = true, sizeBytes = content.byteLength): Promise<void> => {
    const path = join(root, '000001.log')
    await writeFile(path, content)
    await verifyLogFile(path, { sizeBytes, exact })
  }
  const corrupt = (error: unknown): boolean => hasCode(error, 'STORAGE_CORRUPT')
  const payloads = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 200 }) },
      {
        weight: 2,
        arbitrary: fc
          .integer({ min: BLOCK_BYTES - 20, max: BLOCK_BYTES + 20 })
          .map((n) => new Uint8Array(n).fill(n)),
      },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 3_000_000 }).map((n) => new Uint8Array(n).fill(n)) },
    ),
    { minLength: 1, maxLength: 8 },
  )

  it('accepts whole logs, empty records and records over many blocks', async () => {
    await verify(new Uint8Array(0))
    await fc.assert(
      fc.asyncProperty(payloads, (parts) => verify(logOf(parts))),
      { numRuns: 30 },
    )
  })

  it('notices any changed bit and any cut inside a record', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, fc.nat(), fc.nat({ max: 7 }), async (parts, seed, bit) => {
        const log = logOf(parts)
        const at = seed % log.byteLength
        const isFilling = BLOCK_BYTES - (at % BLOCK_BYTES) < 7 && log[at] === 0
        log[at] = (log[at] ?? 0) ^ (1 << bit)
        // The filling between blocks carries nothing; all else counts.
        if (!isFilling) await assert.rejects(verify(log), corrupt)
      }),
      { numRuns: 60 },
    )
    const log = logOf([Buffer.alloc(100), Buffer.alloc(50)])
    for (const cut of [1, 6, 50, 108, 113, 163])
      await assert.rejects(verify(log.subarray(0, cut)), corrupt, `cut at ${cut}`)
    await verify(log.subarray(0, 107))
  })

  it('leaves out a record beyond the size when the size need not be a record’s end', async () => {
    const log = logOf([Buffer.alloc(100), Buffer.alloc(50)])
    for (const cut of [108, 113, 163]) await verify(log, false, cut)
    log[20] = 1
    await assert.rejects(verify(log, false, 120), corrupt)
    log[20] = 0
    log[130] = 1
    await verify(log, false, 120)
  })

  it('notices a file that is shorter than promised', () =>
    assert.rejects(verify(logOf([Buffer.alloc(9)]), true, 100), corrupt))
})
