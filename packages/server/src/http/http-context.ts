import type { Env, Logger, Metrics } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'
import type { ProviderRegistry, StorageManager } from '@orbit-ts/storage'
import type { ServerSettings } from '../config/server-settings.js'
import type { BearerTokens } from './access/bearer-tokens.js'
import type { Requests } from './requests.js'

/** What the routes work with. */
export interface HttpContext {
  readonly database: Database
  readonly registry: ProviderRegistry
  readonly storageManager: StorageManager | undefined
  readonly settings: ServerSettings
  readonly tokens: BearerTokens
  readonly requests: Requests
  readonly metrics: Metrics
  readonly logger: Logger
  readonly env: Env
}
