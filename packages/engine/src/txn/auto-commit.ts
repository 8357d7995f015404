/** A session whose every call is a transaction of its own. */
export type AutoCommit<Session> = {
  readonly [Method in keyof Session]: Session[Method]
}

type Call = (...args: unknown[]) => unknown

/**
 * Wraps a session: a method that returns a promise runs in its own retried transaction; one that returns an
 * asynchronous iterable (`scan…`, `traverse…`) keeps its transaction open until the loop ends.
 */
export function autoCommit<Session extends object>(
  inTransaction: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  openSession: () => Promise<{ session: Session; end: () => Promise<void> }>,
): AutoCommit<Session> {
  const iterate = async function* (method: string, args: unknown[]): AsyncGenerator<unknown> {
    const { session, end } = await openSession()
    try {
      yield* methodOf(session, method)(...args) as AsyncIterable<unknown>
    } finally {
      await end()
    }
  }
  return new Proxy({} as AutoCommit<Session>, {
    get(_target, method) {
      // A session is not thenable: `await db.table(x)` must give the session back.
      if (typeof method !== 'string' || method === 'then') return undefined
      if (/^(scan|traverse)/.test(method)) return (...args: unknown[]) => iterate(method, args)
      return (...args: unknown[]) =>
        inTransaction((session) => methodOf(session, method)(...args) as Promise<unknown>)
    },
  })
}

function methodOf<Session extends object>(session: Session, method: string): Call {
  const found: unknown = Reflect.get(session, method)
  if (typeof found !== 'function') throw new TypeError(`${method} is not a method of this session`)
  return (found as Call).bind(session)
}
