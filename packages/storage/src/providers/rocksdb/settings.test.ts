import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { hasCode, systemEnv, type SectionInput } from '@orbit-ts/base'
import { readEffectiveOptions, requireEffective } from './effective-options.js'
import { openRocksdbEngine } from './open-rocksdb-engine.js'
import type { rocksdbOptions } from './options.js'

type Input = Omit<SectionInput<typeof rocksdbOptions>, 'dataDir'>

describe('settings of RocksDB', () => {
  let root = ''
  let count = 0
  before(async () => void (root = await mkdtemp(join(tmpdir(), 'orbit-settings-'))))
  after(() => rm(root, { recursive: true, force: true }))

  async function run(
    input: Input,
  ): Promise<{ effective: ReadonlyMap<string, string>; stats: Record<string, number> }> {
    const dataDir = join(root, `d${count++}`)
    const engine = await openRocksdbEngine({ ...input, dataDir }, { env: systemEnv })
    await engine.write([{ key: Buffer.from('k'), value: Buffer.from('v') }], { sync: false })
    engine.stats()
    await systemEnv.timers.nextTurn()
    const stats = engine.stats()
    await engine.close()
    return { effective: await readEffectiveOptions(join(dataDir, 'rocksdb')), stats }
  }

  const cases: readonly { input: Input; expected: Record<string, string>; cacheMb: number }[] = [
    {
      input: { binding: 'nxtedition' },
      expected: {
        write_buffer_size: String(64 << 20),
        max_write_buffer_number: '2',
        max_background_jobs: '4',
        compression: 'kNoCompression',
        filter_policy: 'bloomfilter:10:false',
        cache_index_and_filter_blocks: 'true',
        wal_compression: 'kNoCompression',
        manual_wal_flush: 'false',
        paranoid_checks: 'true',
      },
      cacheMb: 256,
    },
    {
      input: { binding: 'holepunch' },
      expected: {
        write_buffer_size: String(64 << 20),
        max_write_buffer_number: '2',
        max_background_jobs: '4',
        compression: 'kNoCompression',
        filter_policy: 'bloomfilter:10:false',
        cache_index_and_filter_blocks: 'true',
        wal_compression: 'kNoCompression',
        manual_wal_flush: 'false',
        paranoid_checks: 'true',
      },
      cacheMb: 32,
    },
    {
      input: {
        binding: 'nxtedition',
        compression: 'zstd',
        blockCacheMb: 8,
        writeBufferMb: 16,
        maxBackgroundJobs: 3,
        bloomBitsPerKey: 0,
      },
      expected: {
        write_buffer_size: String(16 << 20),
        compression: 'kZSTD',
        max_background_jobs: '3',
        filter_policy: 'nullptr',
      },
      cacheMb: 8,
    },
    {
      input: {
        binding: 'holepunch',
        blockCacheMb: 0,
        writeBufferMb: 2,
        maxBackgroundJobs: 2,
        bloomBitsPerKey: 15,
      },
      expected: {
        write_buffer_size: String(2 << 20),
        no_block_cache: 'true',
        max_background_jobs: '2',
        filter_policy: 'bloomfilter:15:false',
      },
      cacheMb: 0,
    },
  ]

  for (const { input, expected, cacheMb } of cases) {
    it(`are in effect: ${JSON.stringify(input)}`, async () => {
      const { effective, stats } = await run(input)
      const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, effective.get(name)]))
      assert.deepEqual(actual, expected)
      assert.equal(stats['block_cache_bytes_max'] ?? 0, cacheMb * 1024 * 1024)
    })
  }

  it('are refused when a binding silently runs with others', async () => {
    const dataDir = join(root, `d${count++}`)
    await (await openRocksdbEngine({ dataDir }, { env: systemEnv })).close()
    const settings = {
      path: join(dataDir, 'rocksdb'),
      create: false,
      compression: 'none',
      blockCacheMb: 256,
      writeBufferMb: 64,
      maxBackgroundJobs: 4,
      bloomBitsPerKey: 10,
    } as const
    await requireEffective(settings, 'nxtedition')
    await assert.rejects(
      requireEffective({ ...settings, writeBufferMb: 32 }, 'nxtedition'),
      (error: unknown) => {
        assert.ok(hasCode(error, 'STORAGE_UNSUPPORTED'))
        assert.match(
          error.message,
          /"nxtedition" did not honour write_buffer_mb: RocksDB runs with write_buffer_size=67108864/,
        )
        return true
      },
    )
  })
})
