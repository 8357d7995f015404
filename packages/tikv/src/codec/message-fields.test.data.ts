import { readFileSync } from 'node:fs'
import { defined } from '@orbit-ts/base'

/** The fields of the generated message types, read from their declarations: what a test cannot forget. */

export interface Field {
  readonly name: string
  /** `Uint8Array`, `bigint`, `Context` … without `[]` and `| undefined`. */
  readonly type: string
  readonly isList: boolean
}

const FILES = ['kvrpcpb', 'coprocessor', 'errorpb', 'metapb', 'deadlock'] as const

const declarations = new Map<string, readonly Field[]>(FILES.flatMap((file) => [...interfacesOf(file)]))

function interfacesOf(file: string): Map<string, readonly Field[]> {
  const text = readFileSync(new URL(`../../src/gen/${file}.ts`, import.meta.url), 'utf8')
  const found = new Map<string, readonly Field[]>()
  for (const [, name, body] of text.matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const plain = defined(body, 'part of a declaration').replace(/\/\*\*[\s\S]*?\*\//g, '')
    const fields = [...plain.matchAll(/(\w+):\s*([^;]+);/g)].map(([, field, type]) =>
      fieldOf(defined(field, 'part of a declaration'), defined(type, 'part of a declaration')),
    )
    // `KeyRange` of the coprocessor has other fields than that of the key-value messages.
    found.set(`${file}.${defined(name, 'part of a declaration')}`, fields)
    if (
      file === 'kvrpcpb' ||
      !['KeyRange', 'Request', 'Response', 'Error'].includes(defined(name, 'part of a declaration'))
    )
      found.set(defined(name, 'part of a declaration'), fields)
  }
  if (file === 'coprocessor')
    found.set('CopKeyRange', defined(found.get('coprocessor.KeyRange'), 'a declared message'))
  if (file === 'errorpb') found.set('Error', defined(found.get('errorpb.Error'), 'a declared message'))
  return found
}

function fieldOf(name: string, declared: string): Field {
  const type = declared
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== 'undefined' && part !== '')
    .join(' ')
  return { name, type: type.replace('[]', ''), isList: type.endsWith('[]') }
}

/** Undefined for scalars and enumerations. */
export function fieldsOf(type: string, isCoprocessor = false): readonly Field[] | undefined {
  if (isCoprocessor && type === 'KeyRange') return declarations.get('CopKeyRange')
  return declarations.get(type)
}
