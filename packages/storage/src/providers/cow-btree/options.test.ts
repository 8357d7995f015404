import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadConfig } from '@orbit-ts/base'
import { cowBtreeOptions } from './options.js'

it('reads the file names of its options', () => {
  const text = `
data_dir = "/var/lib/orbit"
max_keys_per_node = 64
wal_buffer_size = 1048576
enable_snapshots = true
snapshot_interval = 1000
map_size_mb = 2048
sync_mode = "os"`
  const { value } = loadConfig(cowBtreeOptions, { file: { path: 'orbit.toml', text } })
  assert.deepEqual(value, {
    dataDir: '/var/lib/orbit',
    mapSizeMb: 2048,
    flushIntervalMs: 1000,
    verifyAtOpen: true,
    enableSnapshots: true,
    maxKeysPerNode: 64,
    walBufferSize: 1_048_576,
    snapshotInterval: 1000,
    durability: 'os',
  })
})
