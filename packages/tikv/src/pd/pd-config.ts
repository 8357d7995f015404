import type { TiKVConfig } from '../config/tikv-config.js'

/** What the PD client takes of a configuration. It is read at each use: what may change while a client runs, does. */
export type PdConfig = Pick<
  TiKVConfig,
  | 'pdEndpoints'
  | 'tls'
  | 'connectTimeout'
  | 'pdServerTimeout'
  | 'pdMemberCheckInterval'
  | 'pdHealthCheckInterval'
  | 'pdForwarding'
  | 'pdFollowerReads'
  | 'tsoMaxWait'
  | 'tsoConcurrency'
  | 'tsoPendingMax'
  | 'lowResolutionInterval'
  | 'circuitBreakerErrorRate'
>
