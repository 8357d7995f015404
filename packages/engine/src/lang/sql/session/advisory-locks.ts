/** `pg_advisory_lock` and its kin: locks on numbers that mean something to the application only. */
import type { Value } from '../../../scalar/value.js'
import { unsupported } from '../../../scalar/condition.js'
import { isShared } from './lock-statement.js'
import { notice, type SessionState } from './session-state.js'
import { LOCK_MODE, type LockRequest } from './session-locks.js'
import type { StatementScope } from './statement-scope.js'

const NAME = /^pg_(try_)?advisory_(xact_)?(lock|unlock)(_shared|_all)?$/

/** The one value of the type `void`. */
export const VOID = ''

/** True for functions of this file. */
export function isAdvisory(name: string): boolean {
  return NAME.test(name)
}

export async function runAdvisory(
  state: SessionState,
  { signal }: StatementScope,
  name: string,
  args: readonly Value[],
): Promise<Value> {
  if (isShared(state)) throw unsupported('advisory locks on a store that several servers share')
  const [, isTry, isTransaction, verb, suffix] = NAME.exec(name) ?? []
  const { locks } = state.engine
  if (suffix === '_all') {
    locks.releaseAll(state, 'session')
    return VOID
  }
  const request: LockRequest = {
    key: advisoryKey(args),
    mode: suffix === '_shared' ? LOCK_MODE.share : LOCK_MODE.exclusive,
    extent: isTransaction === undefined ? 'session' : 'transaction',
  }
  if (verb === 'unlock') {
    if (locks.release(state, request)) return true
    const kind = suffix === '_shared' ? 'ShareLock' : 'ExclusiveLock'
    notice(state, 'WARNING', `you don't own a lock of type ${kind}`)
    return false
  }
  if (isTry !== undefined) return locks.tryAcquire(state, request)
  const timeoutMs = Number(state.settings.get('lock_timeout'))
  await locks.acquire(state, request, { env: state.env, signal, timeoutMs })
  return VOID
}

/** One number and two are different keys, even where their bits are the same. */
function advisoryKey(args: readonly Value[]): string {
  return `a${args.map(String).join(':')}`
}
