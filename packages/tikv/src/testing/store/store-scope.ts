import type { Env } from '@orbit-ts/base'
import type { APIVersion } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'
import type { ClusterState } from '../cluster-state.js'
import type { MvccStore } from '../mvcc/mvcc-store.js'
import type { RawStore } from '../raw/raw-store.js'
import type { CoprocessorExecutor } from './coprocessor.js'

/** What all stores of a cluster share. */
export interface StoreScope {
  readonly env: Env
  readonly cluster: ClusterState
  readonly mvcc: MvccStore
  readonly raw: RawStore
  readonly apiVersion: APIVersion
  readonly coprocessor: CoprocessorExecutor
  /** A timestamp that PD has given out or might give out now. */
  readonly now: () => Timestamp
}
