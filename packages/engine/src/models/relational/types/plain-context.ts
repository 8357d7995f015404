import { systemEnv } from '@orbit-ts/base'
import type { ScalarContext } from '../../../scalar/scalar-context.js'

const SETTINGS: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
}

/** For forms of values that no session decides: what is stored, and what the typed API shows. */
export const PLAIN_CONTEXT: ScalarContext = {
  env: systemEnv,
  transactionMicros: 0,
  statementMicros: 0,
  setting: (name) => SETTINGS[name] ?? '',
  timeZone: {
    name: 'UTC',
    at: () => ({ offsetSeconds: 0, abbreviation: 'UTC' }),
    atLocal: () => 0,
  },
  session: {
    user: 'orbit',
    sessionUser: 'orbit',
    database: 'orbit',
    processId: 0,
    serverVersion: '15',
    searchPath: ['public'],
  },
  names: { oidOf: () => undefined, nameOf: () => undefined },
}
