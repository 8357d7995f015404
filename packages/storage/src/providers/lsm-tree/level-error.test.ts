import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ErrorCode } from '@orbit-ts/base'
import { levelError } from './level-error.js'

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })

describe('errors of LevelDB', () => {
  const full = (file: string): Error =>
    coded('LEVEL_IO_ERROR', `IO error: /d/${file}: No space left on device`)
  const cases: readonly (readonly [Parameters<typeof levelError>[1], Error, ErrorCode])[] = [
    ['writing to', full('000005.ldb'), 'STORAGE_FULL'],
    ['writing to', full('MANIFEST-000002'), 'STORAGE_FULL'],
    // A part of the batch may be in the log.
    ['writing to', full('000004.log'), 'STORAGE_IO'],
    ['opening', full('000004.log'), 'STORAGE_FULL'],
    ['writing to', coded('LEVEL_IO_ERROR', 'IO error: /d/000005.ldb: Input/output error'), 'STORAGE_IO'],
    ['opening', coded('LEVEL_LOCKED', 'IO error: lock /d/LOCK: already held by process'), 'STORAGE_LOCKED'],
    ['reading', coded('LEVEL_CORRUPTION', 'Corruption: block checksum mismatch'), 'STORAGE_CORRUPT'],
  ]
  for (const [doing, error, code] of cases) {
    it(`maps "${error.message}" while ${doing} to ${code}`, () => {
      assert.equal(levelError(error, doing, '/d').code, code)
    })
  }
})
