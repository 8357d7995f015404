import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFromCode, hasCode, type ErrorCode, type SectionInput } from '@orbit-ts/base'
import { chooseBinding, type ChosenBinding } from './choose-binding.js'
import { holepunch } from './holepunch-binding.js'
import { nxtedition } from './nxtedition-binding.js'
import { rocksdbOptions } from './options.js'
import type { BindingKind } from './rocks-binding.js'

type Input = Omit<SectionInput<typeof rocksdbOptions>, 'dataDir'>

const loads = (kind: BindingKind): BindingKind => ({
  ...kind,
  load: () => ({ open: () => Promise.reject(new Error('unused')) }),
})
const fails = (kind: BindingKind, reason: string): BindingKind => ({
  ...kind,
  load: () => {
    throw new Error(`${reason}\nRequire stack:\n- x`)
  },
})

const BOTH = [loads(nxtedition), loads(holepunch)]
const choose = (input: Input, kinds = BOTH): ChosenBinding =>
  chooseBinding(configFromCode(rocksdbOptions, { ...input, dataDir: '/data' }), kinds)

function refused(input: Input, kinds: readonly BindingKind[], code: ErrorCode, text: RegExp): void {
  assert.throws(
    () => choose(input, [...kinds]),
    (error: unknown) => {
      assert.ok(hasCode(error, code), String(error))
      assert.match(error.message, text)
      return true
    },
  )
}

describe('choice of the RocksDB binding', () => {
  it('takes the fast one where both work', () => {
    const { kind, settings } = choose({})
    assert.equal(kind.name, 'nxtedition')
    assert.deepEqual(settings, {
      compression: 'none',
      blockCacheMb: 256,
      writeBufferMb: 64,
      maxBackgroundJobs: 4,
      bloomBitsPerKey: 10,
    })
  })

  it('takes the portable one where the fast one does not load, with its own cache size', () => {
    const { kind, settings } = choose({}, [fails(nxtedition, 'no prebuild'), loads(holepunch)])
    assert.equal(kind.name, 'holepunch')
    assert.equal(settings.blockCacheMb, 32)
  })

  it('takes the one that can honour the options', () => {
    assert.equal(choose({ writeBufferMb: 16 }).kind.name, 'holepunch')
    assert.equal(choose({ writeBufferMb: 16, compression: 'zstd' }).kind.name, 'nxtedition')
    assert.equal(choose({ compression: true }).settings.compression, 'zstd')
    assert.equal(choose({ compression: false }).settings.compression, 'none')
    assert.equal(choose({ binding: 'holepunch', blockCacheMb: 0 }).settings.blockCacheMb, 0)
    assert.equal(choose({ blockCacheMb: 512 }).kind.name, 'nxtedition')
  })

  it('refuses what none can honour, and names option and binding', () => {
    refused({ compression: 'lz4' }, BOTH, 'STORAGE_UNSUPPORTED', /compression = "lz4" cannot be honoured/)
    refused(
      { binding: 'holepunch', compression: 'zstd' },
      BOTH,
      'STORAGE_UNSUPPORTED',
      /"holepunch" cannot honour compression/,
    )
    refused(
      { binding: 'holepunch', blockCacheMb: 256 },
      BOTH,
      'STORAGE_UNSUPPORTED',
      /"holepunch" cannot honour block_cache_mb/,
    )
    refused(
      { binding: 'nxtedition', writeBufferMb: 8 },
      BOTH,
      'STORAGE_UNSUPPORTED',
      /"nxtedition" cannot honour write_buffer_mb/,
    )
    refused(
      { blockCacheMb: 5000 },
      BOTH,
      'STORAGE_UNSUPPORTED',
      /"nxtedition" .* at most 4095; "holepunch" .* fixed cache of 32/,
    )
    refused(
      { compression: 'zstd' },
      [fails(nxtedition, 'no prebuild'), loads(holepunch)],
      'STORAGE_UNSUPPORTED',
      /"nxtedition" \(@nxtedition\/rocksdb\) does not load: no prebuild; "holepunch" cannot honour compression/,
    )
  })

  it('names the platform and the alternatives where none loads', () => {
    const neither = [fails(nxtedition, 'no prebuild'), fails(holepunch, 'not found')]
    refused(
      {},
      neither,
      'STORAGE_UNAVAILABLE',
      new RegExp(
        `on ${process.platform}-${process.arch}: .*use the engine "lsm-tree", "cow-btree" or "memory"`,
      ),
    )
    refused(
      { binding: 'nxtedition' },
      neither,
      'STORAGE_UNAVAILABLE',
      /does not load: no prebuild; use the engine/,
    )
  })

  it('names the missing package of the system', () => {
    const message = 'libatomic.so.1: cannot open shared object file: No such file or directory'
    refused(
      {},
      [fails(nxtedition, 'x'), fails(holepunch, message)],
      'STORAGE_UNAVAILABLE',
      /install the package libatomic1/,
    )
  })

  it('refuses values that make no sense', () => {
    refused({ blockCacheMb: -1 }, BOTH, 'CONFIG_INVALID', /block_cache_mb/)
    refused({ maxBackgroundJobs: 0 }, BOTH, 'CONFIG_INVALID', /max_background_jobs/)
    refused({ bloomBitsPerKey: 1.5 }, BOTH, 'CONFIG_INVALID', /bloom_bits_per_key/)
  })
})
