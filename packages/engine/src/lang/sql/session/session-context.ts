import type { Env } from '@orbit-ts/base'
import type {
  NameLookup,
  RegKind,
  ScalarContext,
  SessionFacts,
  ZoneRules,
} from '../../../scalar/scalar-context.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import { temporarySchema } from '../catalog/temporary-schema.js'
import type { SessionSettings } from './session-settings.js'
import type { SessionTransaction } from './session-transaction.js'

/** Finds the rules of a time zone. @throws invalid_parameter_value */
export type ZoneFinder = (name: string) => ZoneRules

/** What types and functions see of a session. It follows the session: times and settings are those of the moment. */
export class SessionContext implements ScalarContext {
  readonly env: Env
  readonly session: SessionFacts
  readonly names: NameLookup
  readonly #settings: SessionSettings
  readonly #transaction: SessionTransaction
  readonly #findZone: ZoneFinder
  #catalog: CatalogSnapshot | undefined
  #zone: ZoneRules | undefined
  #hasToldTime = false
  statementMicros = 0

  constructor(
    env: Env,
    settings: SessionSettings,
    transaction: SessionTransaction,
    session: SessionFacts,
    findZone: ZoneFinder,
  ) {
    this.env = env
    this.session = session
    this.#settings = settings
    this.#transaction = transaction
    this.#findZone = findZone
    this.names = {
      oidOf: (kind: RegKind, text: string) => this.#catalog?.oidOf(kind, text, this.#path()),
      nameOf: (kind: RegKind, oid: number) => this.#catalog?.nameOf(kind, oid, this.#path()),
    }
  }

  get transactionMicros(): number {
    this.#hasToldTime = true
    return this.#transaction.startedMicros
  }

  get timeZone(): ZoneRules {
    const name = this.#settings.get('TimeZone')
    if (this.#zone?.name !== name) this.#zone = this.#findZone(name)
    return this.#zone
  }

  /** Whether work asked what time it is, as literals such as 'now' do: what it gives is good for this moment only. */
  watchingTime<T>(work: () => T): { readonly result: T; readonly isMomentary: boolean } {
    this.#hasToldTime = false
    const result = work()
    return { result, isMomentary: this.#hasToldTime }
  }

  setting(name: string): string {
    return this.#settings.get(name)
  }

  /** Where names that come as text are looked up. */
  #path(): readonly string[] {
    return [temporarySchema(this.session.processId), ...this.session.searchPath]
  }

  /** A statement begins. */
  start(catalog: CatalogSnapshot): void {
    this.#catalog = catalog
    this.statementMicros = this.env.clock.nowMs() * 1000
  }
}
