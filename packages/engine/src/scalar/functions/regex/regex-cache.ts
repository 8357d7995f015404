import { parseFlags, type RegexFlags, type RegexOptions } from './regex-options.js'
import { RegexMatcher } from './regex-matcher.js'

/** Expressions that are kept ready, and how large they may be. */
const CACHED_MAX = 200
const CACHED_LENGTH_MAX = 10_000
const CACHED_STATES_MAX = 10_000

const cache = new Map<string, RegexMatcher>()

/** The matcher of a pattern; those used last are kept. @throws invalid_regular_expression */
export function matcherFor(pattern: string, options: RegexOptions): RegexMatcher {
  const key = `${JSON.stringify(options)}${pattern}`
  let matcher = cache.get(key)
  if (matcher === undefined) {
    matcher = new RegexMatcher(pattern, options)
    if (pattern.length > CACHED_LENGTH_MAX || matcher.stateCount > CACHED_STATES_MAX) return matcher
    if (cache.size >= CACHED_MAX)
      for (const oldest of cache.keys()) {
        cache.delete(oldest)
        break
      }
  } else cache.delete(key)
  cache.set(key, matcher)
  return matcher
}

/**
 * @param globalRefused the error of a function that does not take the flag `g`
 * @throws invalid_parameter_value for letters that are no flags
 */
export function matcherWithFlags(
  pattern: string,
  flags: string,
  globalRefused?: () => Error,
): RegexFlags & { readonly matcher: RegexMatcher } {
  const parsed = parseFlags(flags)
  if (parsed.isGlobal && globalRefused !== undefined) throw globalRefused()
  return { ...parsed, matcher: matcherFor(pattern, parsed.options) }
}
