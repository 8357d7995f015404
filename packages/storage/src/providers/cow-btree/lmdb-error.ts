import { OrbitError } from '@orbit-ts/base'

/** LMDB's own codes for a file that is not what it should be. */
const CORRUPT = new Set([-30797, -30796, -30794, -30793])
/** The system's ENOSPC and EDQUOT, which the binding passes on. */
const FULL = new Set([28, 122])

/** What the binding threw, as one of ours. */
export function lmdbError(error: unknown, doing: string, path: string): OrbitError {
  if (error instanceof OrbitError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const reason = error instanceof Error ? error.message : String(error)
  const details = { path }
  if (typeof code === 'number' && CORRUPT.has(code)) {
    return new OrbitError(
      'STORAGE_CORRUPT',
      `${path} is damaged (${reason}); restore the whole data directory from a backup`,
      details,
      { cause: error },
    )
  }
  if (typeof code === 'number' && FULL.has(code)) {
    return new OrbitError('STORAGE_FULL', `no room left while ${doing} ${path}: ${reason}`, details, {
      cause: error,
    })
  }
  return new OrbitError('STORAGE_IO', `failed ${doing} ${path}: ${reason}`, details, { cause: error })
}
