import { OrbitError } from '@orbit-ts/base'

/**
 * What a segment of a path stands for. A segment that begins with `"` is a JSON string, so that every text can be
 * written, also an empty one, `.` and `..`; with `composite`, one that begins with `{` is a JSON object. Anything else
 * is the text itself.
 * @throws INVALID_ARGUMENT
 */
export function fromPathText(text: string, name: string, composite: boolean): unknown {
  if (!text.startsWith('"') && !(composite && text.startsWith('{'))) return text
  try {
    return JSON.parse(text)
  } catch {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${name}: the segment of the path begins with ${text.charAt(0)} and is not JSON; write text that begins so as a JSON string`,
      { field: name },
    )
  }
}
