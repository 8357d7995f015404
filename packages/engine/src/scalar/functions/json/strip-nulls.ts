import { quoteJson } from '../../json/format-json.js'
import { rawElements, rawKind, rawMembers, rawText } from './raw-json.js'

/** The JSON without members that are null, and without white space. */
export function stripNulls(text: string): string {
  switch (rawKind(text)) {
    case 'object':
      return `{${membersWithoutNulls(text).join(',')}}`
    case 'array':
      return `[${Array.from(rawElements(text), stripNulls).join(',')}]`
    case 'string':
      return quoteJson(rawText(text) ?? '')
    default:
      return text.trim()
  }
}

function membersWithoutNulls(text: string): string[] {
  const members: string[] = []
  for (const { key, value } of rawMembers(text)) {
    if (rawKind(value) !== 'null') members.push(`${quoteJson(key)}:${stripNulls(value)}`)
  }
  return members
}
