import {
  LOG_LEVELS,
  boolean,
  duration,
  nested,
  oneOf,
  record,
  section,
  string,
  type SectionInput,
  type SectionValue,
} from '@orbit-ts/base'
import { cacheSettings } from '@orbit-ts/engine/settings'
import { providerOptions, storageManagerSettings, transactionSettings } from '@orbit-ts/storage'
import { postgresSettings } from '../protocols/postgres/postgres-settings.js'
import { placementSettings } from './placement-settings.js'
import { serverSettings } from './server-settings.js'

/** How lines of the log are written. */
const LOG_FORMATS = ['text', 'json'] as const

const logSettings = section(
  {
    level: oneOf(LOG_LEVELS, { default: 'info', doc: 'The least important messages that are logged.' }),
    format: oneOf(LOG_FORMATS, {
      optional: true,
      doc: 'Lines for people (text), or a JSON object each (json). Default: text when standard error is a terminal, otherwise json.',
    }),
  },
  { doc: 'The log, which goes to standard error.' },
)

const roleSettings = section(
  {
    data: string({
      optional: true,
      doc: 'The provider of the five data models. Default: the default provider.',
    }),
    addressable: string({ optional: true, doc: 'The provider of the directory of addressables.' }),
    cluster: string({ optional: true, doc: 'The provider of the membership of the cluster.' }),
  },
  { doc: 'Which provider plays which role, by name.' },
)

const maintenanceSettings = section(
  {
    enabled: boolean({ default: true, doc: 'Whether this server does maintenance.' }),
    intervalMs: duration({
      unit: 's',
      key: 'interval',
      default: '60s',
      minMs: 100,
      maxMs: 24 * 3_600_000,
      doc: 'The pause between two rounds: rollups and retention of time series, expired leases and cluster nodes.',
    }),
  },
  { doc: 'What the server does by itself, in small transactions.' },
)

/** The whole configuration of an Orbit server and of the `orbit` command. */
export const configSchema = section({
  server: nested(serverSettings),
  postgres: nested(postgresSettings),
  log: nested(logSettings),
  defaults: nested(roleSettings),
  providers: record(providerOptions, { flat: true }),
  transactions: nested(transactionSettings),
  maintenance: nested(maintenanceSettings),
  cache: nested(cacheSettings),
  placement: nested(placementSettings),
  storageManager: nested(storageManagerSettings),
})

/** A configuration with every default filled in; `loadConfig(configSchema, …)` gives one. */
export type OrbitConfig = SectionValue<typeof configSchema>

/** What a program may give: everything may be left out. */
export type OrbitConfigInput = SectionInput<typeof configSchema>
