/**
 * The settings of one session, with the rules of transactions: what SET changed is undone by a rollback, what SET LOCAL
 * changed ends with the transaction, and ROLLBACK TO undoes both back to the savepoint.
 */
import { nearest } from '@orbit-ts/base'
import { queryError, unsupported } from '../../../scalar/condition.js'
import { findTimeZone } from '../../../scalar/temporal/time-zones.js'
import { dateStyle } from './date-style.js'
import { SETTING_BY_NAME, SETTING_DEFINITIONS, type SettingDefinition } from './setting-definitions.js'
import { parseSetting, showSetting } from './parse-setting.js'

/** Values by lower-case name; only those that differ from the default. Never changed in place. */
type Values = ReadonlyMap<string, string>

/** A point to go back to. */
export interface SettingsMark {
  readonly session: Values
  readonly local: Values
}

export interface SettingChange {
  readonly name: string
  readonly value: string
}

export class SessionSettings {
  /** What RESET goes back to: the server's and the client's own values. */
  readonly #initial: Values
  /** As of the last commit. */
  #committed: Values
  #session: Values
  #local: Values = new Map()
  readonly #onReport: (change: SettingChange) => void
  /** What `find` gave since the last change: some are asked for by every statement. */
  readonly #found = new Map<string, string>()
  #version = 0

  /**
   * @param fixed by name: what clients may not change.
   * @param initial by name, as SET takes them.
   * @param onReport told of changes of the settings that clients are told about.
   * @throws undefined_object, cant_change_runtime_param, invalid_parameter_value
   */
  constructor(
    fixed: Readonly<Record<string, string>>,
    initial: Readonly<Record<string, string>>,
    onReport: (change: SettingChange) => void,
  ) {
    this.#onReport = onReport
    const given = Object.entries(initial).map(
      ([name, value]) => [name.toLowerCase(), checked(name, value, '')] as const,
    )
    this.#initial = new Map([...given, ...Object.entries(fixed)])
    this.#committed = this.#initial
    this.#session = this.#initial
  }

  /** Another one after each change. */
  get version(): number {
    return this.#version
  }

  /** By name in any case. @throws undefined_object */
  get(name: string): string {
    const key = name.toLowerCase()
    const value = this.find(key)
    if (value !== undefined) return value
    throw unknownSetting(name)
  }

  /** What RESET goes back to. */
  initial(name: string): string {
    const key = name.toLowerCase()
    return this.#initial.get(key) ?? SETTING_BY_NAME.get(key)?.default ?? ''
  }

  find(key: string): string | undefined {
    let value = this.#found.get(key)
    if (value === undefined) {
      value = this.#local.get(key) ?? this.#session.get(key) ?? SETTING_BY_NAME.get(key)?.default
      if (value !== undefined) this.#found.set(key, value)
    }
    return value
  }

  /** As SHOW names the column of its answer. @throws undefined_object */
  nameOf(name: string): string {
    this.get(name)
    return SETTING_BY_NAME.get(name.toLowerCase())?.name ?? name
  }

  /** As SHOW writes it. */
  show(name: string): string {
    const definition = SETTING_BY_NAME.get(name.toLowerCase())
    const value = this.get(name)
    return definition === undefined ? value : showSetting(definition, value)
  }

  /** All, in the order of their names, as SHOW ALL does. */
  all(): { readonly definition: SettingDefinition; readonly value: string }[] {
    return SETTING_DEFINITIONS.map((definition) => ({
      definition,
      value: this.show(definition.name),
    })).sort((a, b) => (a.definition.name.toLowerCase() < b.definition.name.toLowerCase() ? -1 : 1))
  }

  /** Those that clients are told when they connect. */
  reported(): SettingChange[] {
    return SETTING_DEFINITIONS.filter(({ isReported }) => isReported === true).map(({ name }) => ({
      name,
      value: this.get(name),
    }))
  }

  /** @throws undefined_object, cant_change_runtime_param, invalid_parameter_value */
  set(name: string, value: string | undefined, isLocal: boolean): void {
    const key = name.toLowerCase()
    const current = this.find(key) ?? ''
    // Whether it may be set at all is asked for RESET, too.
    requireSettable(name)
    this.force(key, value === undefined ? undefined : checked(name, value, current), isLocal)
  }

  /** As `set`, without asking whether the client may. Undefined: back to what it was when the session began. */
  force(key: string, value: string | undefined, isLocal: boolean): void {
    const before = this.find(key)
    const next = value ?? this.#initial.get(key) ?? SETTING_BY_NAME.get(key)?.default ?? ''
    // What would change nothing needs not be undone.
    if (isLocal && before === next) return
    this.#touched()
    if (isLocal) this.#local = new Map(this.#local).set(key, next)
    else {
      this.#session = new Map(this.#session).set(key, next)
      if (this.#local.has(key)) {
        const local = new Map(this.#local)
        local.delete(key)
        this.#local = local
      }
    }
    if (before !== next) this.#report(key)
  }

  /** What was set, with its values, as one text that is the same for the same settings. */
  changed(without: ReadonlySet<string>): string {
    const names = [...new Set([...this.#session.keys(), ...this.#local.keys()])].sort()
    return JSON.stringify(names.flatMap((name) => (without.has(name) ? [] : [name, this.find(name)])))
  }

  resetAll(): void {
    this.#change(this.#initial, new Map())
  }

  mark(): SettingsMark {
    return { session: this.#session, local: this.#local }
  }

  rollbackTo({ session, local }: SettingsMark): void {
    this.#change(session, local)
  }

  /** The transaction has ended. */
  end(isCommitted: boolean): void {
    if (isCommitted) this.#committed = this.#session
    if (this.#session === this.#committed && this.#local.size === 0) return
    this.#change(this.#committed, new Map())
  }

  #change(session: Values, local: Values): void {
    const keys = new Set([...this.#session.keys(), ...this.#local.keys(), ...session.keys(), ...local.keys()])
    const before = new Map([...keys].map((key) => [key, this.find(key)]))
    this.#session = session
    this.#local = local
    this.#touched()
    for (const key of keys) if (this.find(key) !== before.get(key)) this.#report(key)
  }

  #touched(): void {
    this.#version++
    this.#found.clear()
  }

  #report(key: string): void {
    const definition = SETTING_BY_NAME.get(key)
    if (definition?.isReported === true)
      this.#onReport({ name: definition.name, value: this.find(key) ?? '' })
  }
}

/** Those with whose other value statements would mean something else. */
const ONLY_DEFAULT: ReadonlySet<string> = new Set([
  'standard_conforming_strings',
  'array_nulls',
  'transform_null_equals',
])

/** Undefined for a setting of an extension or an application, which has a dot in its name. */
function requireSettable(name: string, value?: string): SettingDefinition | undefined {
  const definition = SETTING_BY_NAME.get(name.toLowerCase())
  if (definition === undefined && !name.includes('.')) throw unknownSetting(name)
  if (definition === undefined) return undefined
  // Clients make sure of the first one when they connect.
  if (ONLY_DEFAULT.has(definition.name)) {
    if (value === undefined || parseSetting(definition, value) === definition.default) return definition
    throw unsupported(`${definition.name} = ${parseSetting(definition, value)}`)
  }
  if (definition.context === undefined) return definition
  throw queryError(
    'cant_change_runtime_param',
    `parameter "${definition.name}" cannot be changed${definition.context === 'start' ? ' without restarting the server' : ''}`,
  )
}

/** The value as it is kept. */
function checked(name: string, value: string, current: string): string {
  const definition = requireSettable(name, value)
  if (definition === undefined) return value
  const parsed = parseSetting(definition, value)
  switch (definition.name) {
    case 'client_encoding':
      if (/^(utf-?8|unicode)$/i.test(parsed)) return 'UTF8'
      throw queryError(
        'invalid_parameter_value',
        `invalid value for parameter "client_encoding": "${parsed}"`,
        {
          hint: 'The server speaks UTF8 only.',
        },
      )
    case 'DateStyle':
      return dateStyle(current === '' ? definition.default : current, parsed)
    case 'TimeZone':
      return findTimeZone(parsed).name
    default:
      return parsed
  }
}

function unknownSetting(name: string): Error {
  const near = nearest(name.toLowerCase(), [...SETTING_BY_NAME.keys()])
  return queryError(
    'undefined_object',
    `unrecognized configuration parameter "${name}"`,
    near === undefined ? {} : { hint: `Perhaps you meant "${near}".` },
  )
}
