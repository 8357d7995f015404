/** A session whose every call is a transaction of its own. */
export type AutoCommit<Session> = {
  readonly [Method in keyof Session]: Session[Method]
}

type Call = (...args: unknown[]) => unknown

/**
 * Wraps a session: a method that returns a promise runs in its own retried transaction; one that returns an
 * asynchronous iterable (`scan…`, `traverse…`) keeps its transaction open until the loop ends.
 * @param methods the session's prototype: what it does not have is not there either, so that `await`, `JSON.stringify`
 *   and loggers, which look for methods of theirs, find none.
 * @param inSteps methods that take more than one transaction.
 */
export function autoCommit<Session extends object>(
  methods: Session,
  inTransaction: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  openSession: () => Promise<{ session: Session; end: () => Promise<void> }>,
  inSteps: Partial<Session> = {},
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
      if (typeof method !== 'string' || method === 'constructor' || !Object.hasOwn(methods, method))
        return undefined
      if (Object.hasOwn(inSteps, method)) return Reflect.get(inSteps, method) as Call
      if (/^(scan|traverse)/.test(method)) return (...args: unknown[]) => iterate(method, args)
      return (...args: unknown[]) =>
        inTransaction((session) => methodOf(session, method)(...args) as Promise<unknown>)
    },
  })
}

/** Every member of a session's prototype is a method. */
function methodOf<Session extends object>(session: Session, method: string): Call {
  return (Reflect.get(session, method) as Call).bind(session)
}
