import { OrbitError } from '@orbit-ts/base'

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** The operating system's code of a failed file operation, for example `ENOENT`. */
export function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** `STORAGE_FULL` when the disk or a quota has no room left, otherwise `STORAGE_IO`. An `OrbitError` passes unchanged. */
export function fileError(error: unknown, doing: string, path: string): OrbitError {
  if (error instanceof OrbitError) return error
  const code = fileErrorCode(error)
  const reason = error instanceof Error ? error.message : String(error)
  if (code !== undefined && FULL.has(code)) {
    return new OrbitError(
      'STORAGE_FULL',
      `no room left while ${doing} ${path}: ${reason}`,
      { path },
      { cause: error },
    )
  }
  return new OrbitError('STORAGE_IO', `failed ${doing} ${path}: ${reason}`, { path }, { cause: error })
}
