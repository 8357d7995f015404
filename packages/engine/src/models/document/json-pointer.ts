/** JSON pointers (RFC 6901): `/cast/0/name`; `~1` is a slash in a name, `~0` a tilde. */
import { JSON_DEPTH_MAX } from '../../record/json-value.js'

/** The names and indexes on the way, or what is wrong with the text, to follow its place in a message. */
export function parsePointer(
  text: string,
): { readonly keys: readonly string[] } | { readonly problem: string } {
  if (text === '') return { keys: [] }
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  if (!text.startsWith('/')) return { problem: `is "${shown}"; a JSON pointer is empty or begins with "/"` }
  if (/~(?![01])/.test(text)) return { problem: `is "${shown}"; write "~0" for "~" and "~1" for "/"` }
  const keys = text
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  // Nothing that may be stored lies deeper.
  if (keys.length > JSON_DEPTH_MAX)
    return { problem: `has ${keys.length} steps; at most ${JSON_DEPTH_MAX} are accepted` }
  return { keys }
}

export function formatPointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The index that a step means in an array; undefined when it means none. */
export function arrayIndex(key: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,9})$/.test(key) ? Number(key) : undefined
}
