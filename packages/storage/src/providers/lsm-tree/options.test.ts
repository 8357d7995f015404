import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadConfig } from '@orbit-ts/base'
import { lsmTreeOptions } from './options.js'

it('reads the file names of its options', () => {
  const text = `
data_dir = "/var/lib/orbit"
memtable_size_mb = 64
max_levels = 7
level_size_multiplier = 10
compaction_threshold = 4
enable_bloom_filters = true
bloom_filter_bits_per_key = 10
enable_compression = true`
  const { value } = loadConfig(lsmTreeOptions, { file: { path: 'orbit.toml', text } })
  assert.deepEqual(value, {
    dataDir: '/var/lib/orbit',
    writeBufferMb: 64,
    blockCacheMb: 64,
    compression: true,
    verifyAtOpen: true,
    enableBloomFilters: true,
    bloomFilterBitsPerKey: 10,
    maxLevels: 7,
    levelSizeMultiplier: 10,
    compactionThreshold: 4,
    durability: 'sync',
  })
})
