import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadConfig } from '@orbit-ts/base'
import { memoryOptions } from './options.js'

it('reads the file names of its options', () => {
  const text = `
max_entries = 100000
disk_backup = { path = "/data/orbit-backup.json", sync_interval = 300, compression = "Gzip" }`
  const { value } = loadConfig(memoryOptions, { file: { path: 'orbit.toml', text } })
  assert.deepEqual(value, {
    maxEntries: 100_000,
    diskBackup: { path: '/data/orbit-backup.json', syncIntervalMs: 300_000, compression: 'gzip' },
  })
})
