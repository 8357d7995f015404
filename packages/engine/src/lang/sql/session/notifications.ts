/**
 * LISTEN, NOTIFY and UNLISTEN, among the sessions of one server.
 *
 * Invariants:
 * 1. They take effect when their transaction commits, in its order; never when it is rolled back.
 * 2. What one transaction says twice, channel and payload, is said once.
 * 3. A session gets the notifications in the order of the commits, its own too; never inside of a transaction.
 */
import { queryError, unsupported } from '../../../scalar/condition.js'
import { isShared } from './lock-statement.js'
import type { SessionState } from './session-state.js'

/** Bytes, of PostgreSQL's default build. */
const CHANNEL_BYTES_MAX = 63
const PAYLOAD_BYTES_MAX = 7999

/** Those that a session keeps while it is inside of a transaction. */
const WAITING_MAX = 100_000

export interface Notification {
  readonly channel: string
  readonly payload: string
  readonly processId: number
}

/** Where notifications go. */
export interface Listener {
  readonly processId: number
  notified(notification: Notification): void
}

/** Who listens to what. One for all sessions. */
export class NotificationHub {
  readonly #listeners = new Map<string, Set<Listener>>()

  listen(listener: Listener, channel: string): void {
    const known = this.#listeners.get(channel)
    if (known === undefined) this.#listeners.set(channel, new Set([listener]))
    else known.add(listener)
  }

  /** @param channel undefined: all of them */
  unlisten(listener: Listener, channel?: string): void {
    for (const [name, listeners] of this.#listeners) {
      if (channel !== undefined && name !== channel) continue
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(name)
    }
  }

  channelsOf(listener: Listener): string[] {
    return [...this.#listeners].filter(([, listeners]) => listeners.has(listener)).map(([name]) => name)
  }

  notify(notification: Notification): void {
    for (const listener of this.#listeners.get(notification.channel) ?? []) listener.notified(notification)
  }
}

/** What one session is still to be told. */
export class NotificationQueue {
  #waiting: Notification[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** @returns false when there is no room for more */
  add(notification: Notification): boolean {
    if (this.#waiting.length >= WAITING_MAX) return false
    this.#waiting.push(notification)
    return true
  }

  take(): readonly Notification[] {
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }
}

/** Inside of a transaction that has begun. @throws invalid_parameter_value */
export function notify(state: SessionState, channel: string, payload: string): void {
  requireOneServer(state)
  if (channel === '') throw queryError('invalid_parameter_value', 'channel name cannot be empty')
  if (Buffer.byteLength(channel) > CHANNEL_BYTES_MAX)
    throw queryError('invalid_parameter_value', 'channel name too long')
  if (Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX)
    throw queryError('invalid_parameter_value', 'payload string too long')
  const { engine, processId } = state
  state.transaction.afterCommitOnce(`notify ${channel}\0${payload}`, () => {
    engine.notifications.notify({ channel, payload, processId })
    return Promise.resolve()
  })
}

export function listen(state: SessionState, channel: string): void {
  requireOneServer(state)
  state.transaction.afterCommit(() => {
    state.engine.notifications.listen(state, channel)
    return Promise.resolve()
  })
}

/** @param channel undefined: all of them */
export function unlisten(state: SessionState, channel: string | undefined): void {
  state.transaction.afterCommit(() => {
    state.engine.notifications.unlisten(state, channel)
    return Promise.resolve()
  })
}

function requireOneServer(state: SessionState): void {
  if (isShared(state)) throw unsupported('LISTEN and NOTIFY on a store that several servers share')
}
