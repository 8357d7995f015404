import { TestEnv } from '@orbit-ts/base'
import type { NameLookup, ScalarContext } from './scalar-context.js'
import { findTimeZone } from './temporal/time-zones.js'

const DEFAULTS: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
}

const NO_NAMES: NameLookup = { oidOf: () => undefined, nameOf: () => undefined }

/** 2024-02-29 12:34:56.789012 UTC. */
export const TEST_NOW_MICROS = 1_709_210_096_789_012

/** A session for tests: PostgreSQL's defaults in UTC, the clock stopped. */
export function testScalarContext(
  settings: Readonly<Record<string, string>> = {},
  overrides: Partial<ScalarContext> = {},
): ScalarContext {
  const all = { ...DEFAULTS, ...settings }
  return {
    env: new TestEnv({ startMs: Math.floor(TEST_NOW_MICROS / 1000) }),
    transactionMicros: TEST_NOW_MICROS,
    statementMicros: TEST_NOW_MICROS,
    setting: (name) => all[name] ?? '',
    timeZone: findTimeZone(all['timezone'] ?? 'UTC'),
    session: {
      user: 'tester',
      sessionUser: 'tester',
      database: 'test',
      processId: 4711,
      serverVersion: '15.0',
      searchPath: ['public'],
    },
    names: NO_NAMES,
    ...overrides,
  }
}
