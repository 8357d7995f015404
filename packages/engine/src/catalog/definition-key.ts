import { equalBytes } from '@orbit-ts/base'
import { internalKeys, parseKey, type ParsedKey } from '@orbit-ts/storage'
import { KIND_NAMES, isObjectKind, type ObjectKind } from './catalog-object.js'

/** Changes with every definition. Its name is from when it was that of tables alone. */
export const CATALOG_VERSION = internalKeys.fact('tables-version')

/** A key that has no value, and is locked only. */
export function guardKey(kind: ObjectKind, name: string, at: number): Uint8Array {
  return internalKeys.fact(`guard ${at} of ${KIND_NAMES[kind]} ${JSON.stringify(name)}`)
}

const GUARD = /^guard \d+ of (.+)$/s

/** What a key of the catalog stands for, for people; undefined for other keys. */
export function definitionOf(key: Uint8Array): string | undefined {
  if (equalBytes(key, CATALOG_VERSION)) return 'the definitions of all objects'
  const parsed = parsedKey(key)
  if (parsed?.model === 'internal') {
    const guarded = GUARD.exec(parsed.name)?.[1]
    return guarded && `the definition of ${guarded}`
  }
  if (parsed?.model !== 'catalog' || parsed.kind !== 'name' || !isObjectKind(parsed.objectKind))
    return undefined
  return `the definition of ${KIND_NAMES[parsed.objectKind]} ${JSON.stringify(parsed.name)}`
}

function parsedKey(key: Uint8Array): ParsedKey | undefined {
  try {
    return parseKey(key)
  } catch {
    return undefined
  }
}
