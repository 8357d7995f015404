import { OrbitError } from '@orbit-ts/base'

/** What the binding threw, as one of ours. It hides the cause of a failed open one level down. */
export function levelError(
  error: unknown,
  doing: 'opening' | 'reading' | 'writing to' | 'closing',
  directory: string,
): OrbitError {
  if (error instanceof OrbitError) return error
  const cause = deepestCause(error)
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = codeOf(cause)
  const details = { path: directory }
  if (code === 'LEVEL_CORRUPTION') {
    return new OrbitError(
      'STORAGE_CORRUPT',
      `${directory} is damaged (${reason}); restore the whole data directory from a backup`,
      details,
      { cause: error },
    )
  }
  if (code === 'LEVEL_LOCKED') {
    return new OrbitError(
      'STORAGE_LOCKED',
      `${directory} is in use by another program (${reason})`,
      details,
      {
        cause: error,
      },
    )
  }
  if (code === 'LEVEL_DATABASE_NOT_OPEN' || code === 'LEVEL_ITERATOR_NOT_OPEN') {
    return new OrbitError('STORAGE_CLOSED', 'the lsm-tree store was closed', details, { cause: error })
  }
  // `STORAGE_FULL` from a write says that nothing was written; LevelDB may have written a part of the log.
  if (doing !== 'writing to' && reason.includes('No space left on device')) {
    return new OrbitError('STORAGE_FULL', `no room left while ${doing} ${directory}: ${reason}`, details, {
      cause: error,
    })
  }
  return new OrbitError('STORAGE_IO', `failed ${doing} ${directory}: ${reason}`, details, { cause: error })
}

function deepestCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause
  return cause
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
