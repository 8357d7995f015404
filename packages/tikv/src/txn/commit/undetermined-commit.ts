import { OrbitError } from '@orbit-ts/base'
import type { Timestamp } from '../../timestamp.js'

export function undeterminedCommit(startTs: Timestamp, cause: unknown): OrbitError {
  return new OrbitError(
    'COMMIT_UNDETERMINED',
    `the answer to the commit of transaction ${startTs} was lost: it may or may not have taken effect; read what it wrote before you repeat it`,
    { startTs: String(startTs) },
    { cause },
  )
}
