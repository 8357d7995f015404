import { OrbitError, type ErrorCode } from '@orbit-ts/base'

/**
 * The first pattern that matches the text decides. RocksDB's own status codes reach us only in part: one binding
 * folds corruption and I/O errors into one code, so the text, which names the failed system call, tells them apart.
 */
const RULES: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /\block hold by current process|While lock file: .*(temporarily unavailable|No locks available)|lock file: .*being used/i,
    'STORAGE_LOCKED',
    'the store is in use',
  ],
  [
    /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|There is not enough space on the disk/i,
    'STORAGE_FULL',
    'no room left on the disk',
  ],
  [
    /not supported in this build|not linked|is not supported by this/i,
    'STORAGE_UNSUPPORTED',
    'the files use a feature that this binding was built without',
  ],
  [
    /No such file or directory|cannot find the (file|path)|does not exist/i,
    'STORAGE_CORRUPT',
    'a file of the store is missing',
  ],
  [
    /\bWhile |Input\/output error|Permission denied|Too many open files|Read-only file system|File too large/,
    'STORAGE_IO',
    'a file operation failed',
  ],
  [
    /Corruption|checksum|corrupt|mismatch|truncated|bad |unknown |missing|invalid|too short|not an sstable/i,
    'STORAGE_CORRUPT',
    'a file of the store is damaged',
  ],
]

const REMEDY: Partial<Record<ErrorCode, string>> = {
  STORAGE_FULL: 'free space and open the store again',
  STORAGE_UNSUPPORTED: 'open it with binding = "nxtedition", which has zstd',
  STORAGE_CORRUPT: 'restore the whole data directory from a backup',
}

const FILE = /(?:[^\s:]*[/\\])?(?:\d+\.(?:sst|log|blob)|MANIFEST-\d+|CURRENT)\b/

/** The error of a binding as an `OrbitError`, with `details.file` where RocksDB named one. */
export function rocksError(error: unknown, doing: string): OrbitError {
  if (error instanceof OrbitError) return error
  const text = textOf(error)
  const [, code, what] = RULES.find(([pattern]) => pattern.test(text)) ?? [
    undefined,
    'STORAGE_IO' as const,
    'RocksDB failed',
  ]
  const remedy = REMEDY[code] === undefined ? '' : `; ${REMEDY[code]}`
  const file = FILE.exec(text)?.[0]
  return new OrbitError(
    code,
    `${what} while ${doing}: ${text}${remedy}`,
    file === undefined ? {} : { file },
    { cause: error },
  )
}

/** One binding hides the reason of a failed batch in `cause`. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return textOf(error.cause)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return code === 'ENOSPC' && !error.message.includes('No space') ? `ENOSPC: ${error.message}` : error.message
}
