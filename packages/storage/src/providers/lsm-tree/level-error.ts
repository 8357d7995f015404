import { OrbitError } from '@orbit-ts/base'

const FULL = /No space left on device|Disk quota exceeded/

/**
 * `STORAGE_FULL` from a write says that nothing was written. That is so when LevelDB could not write an older buffer to
 * a table file, which it looks at before it begins with the batch; of a log it may have written a part.
 */
const LOG_FILE = /\.log\b/

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
  if (FULL.test(reason) && (doing !== 'writing to' || !LOG_FILE.test(reason))) {
    const remedy = doing === 'writing to' ? '; nothing was written: free space and open the store again' : ''
    const text = `no room left while ${doing} ${directory}: ${reason}${remedy}`
    return new OrbitError('STORAGE_FULL', text, details, { cause: error })
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
