import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ErrorCode } from '@orbit-ts/base'
import { rocksError } from './rocks-error.js'

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })

describe('errors of RocksDB', () => {
  const cases: readonly (readonly [Error, ErrorCode, string | undefined])[] = [
    [
      coded(
        'LEVEL_IO_ERROR',
        'IO error: No space left on device: While appending to file: /d/000004.log: No space left on device',
      ),
      'STORAGE_FULL',
      '/d/000004.log',
    ],
    [
      new Error('Batch was not applied', {
        cause: coded('ENOSPC', 'While appending to file: /d/000004.log'),
      }),
      'STORAGE_FULL',
      '/d/000004.log',
    ],
    [
      coded(
        'EIO',
        'block checksum mismatch: stored = 1, computed = 2, type = 4  in /d/000008.sst offset 0 size 4000',
      ),
      'STORAGE_CORRUPT',
      '/d/000008.sst',
    ],
    [coded('LEVEL_CORRUPTION', 'Corruption: truncated record body'), 'STORAGE_CORRUPT', undefined],
    [
      coded('ENOENT', 'While open a file for random read: /d/000008.sst: No such file or directory'),
      'STORAGE_CORRUPT',
      '/d/000008.sst',
    ],
    [coded('EINVAL', '/d: does not exist (create_if_missing is false)'), 'STORAGE_CORRUPT', undefined],
    [coded('EIO', 'While fsync: /d/MANIFEST-000005: Input/output error'), 'STORAGE_IO', '/d/MANIFEST-000005'],
    [
      coded(
        'EIO',
        'lock hold by current process, acquire time 1, acquiring thread 2: /d/LOCK: No locks available',
      ),
      'STORAGE_LOCKED',
      undefined,
    ],
    [coded('EIO', 'While lock file: /d/LOCK: Permission denied'), 'STORAGE_IO', undefined],
    [
      coded('LEVEL_LOCKED', 'IO error: While lock file: /d/LOCK: Resource temporarily unavailable'),
      'STORAGE_LOCKED',
      undefined,
    ],
    [coded('ENOSYS', 'ZSTD not supported in this build'), 'STORAGE_UNSUPPORTED', undefined],
    [coded('ETIMEDOUT', 'something new'), 'STORAGE_IO', undefined],
  ]

  for (const [error, code, file] of cases) {
    it(`maps "${error.cause instanceof Error ? error.cause.message : error.message}" to ${code}`, () => {
      const mapped = rocksError(error, 'testing')
      assert.equal(mapped.code, code)
      assert.equal(mapped.details['file'], file)
      assert.equal(mapped.cause, error)
      assert.match(mapped.message, / while testing: /)
    })
  }

  it('passes our own errors on', () => {
    const own = rocksError(new Error('x'), 'testing')
    assert.equal(rocksError(own, 'again'), own)
  })
})
