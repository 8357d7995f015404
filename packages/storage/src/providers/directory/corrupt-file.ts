import { OrbitError } from '@orbit-ts/base'

/** Something in a data directory is damaged: `how` continues the path, for example "is cut off". */
export function corruptFile(path: string, how: string, cause?: unknown): OrbitError {
  return new OrbitError(
    'STORAGE_CORRUPT',
    `${path} ${how}; restore the whole data directory from a backup`,
    { file: path },
    { cause },
  )
}
