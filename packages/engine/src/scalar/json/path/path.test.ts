import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testScalarContext } from '../../scalar-context.test.data.js'
import { jsonpath } from '../../types/system-types.js'
import { binaryOf, checkFacts, outcome } from '../../types/text-facts.test.data.js'
import { formatJsonb } from '../format-json.js'
import type { JsonNode } from '../jsonb.js'
import { parseJsonText } from '../parse-json.js'
import type { JsonPath } from './json-path.js'
import { PATH_VARIABLES, pathFacts, queryFacts } from './path-facts.test.data.js'
import { canonicalPath, pathExists, pathMatches, pathOf, queryPath } from './query-path.js'

const context = testScalarContext()
const variables = parseJsonText(PATH_VARIABLES)

const CALLS: Readonly<Record<string, (root: JsonNode, path: JsonPath) => string | boolean | undefined>> = {
  'jsonb_path_query_array(D,P,V)': (root, path) => formatJsonb(queryPath(path, root, { variables })),
  'jsonb_path_query_array(D,P,V,true)': (root, path) =>
    formatJsonb(queryPath(path, root, { variables, isSilent: true })),
  'jsonb_path_exists(D,P,V)': (root, path) => pathExists(path, root, { variables }),
  'jsonb_path_match(D,P,V,true)': (root, path) => pathMatches(path, root, { variables, isSilent: true }),
  '(D @? P)': (root, path) => pathExists(path, root, { isSilent: true }),
}

describe('JSON paths', () => {
  it('are read and shown as PostgreSQL does', () => {
    // Where PostgreSQL stops at the space before a word, the word is named here.
    checkFacts(pathFacts.filter(([, , output]) => !output.includes('at or near " "')))
  })

  it('find what PostgreSQL finds', () => {
    for (const [call, document, path, result] of queryFacts) {
      const found = outcome(() => {
        const answer = CALLS[call]?.(parseJsonText(document), pathOf(path))
        return answer === undefined ? '<null>' : String(answer)
      })
      assert.equal(found, result, `${call}: ${document}, ${path}`)
    }
  })

  it('come back from their bytes', () => {
    const text = canonicalPath('$.a ? (@ > 1)')
    const bytes = binaryOf(jsonpath, text, context)
    assert.equal(bytes, `01${Buffer.from('$."a"?(@ > 1)').toString('hex')}`)
    assert.equal(jsonpath.decode(Buffer.from(bytes, 'hex'), -1, context), text)
  })

  it('read what they have written', () => {
    for (const [, , output] of pathFacts) {
      if (!output.startsWith('ERR ')) assert.equal(canonicalPath(output), output)
    }
  })

  it('refuse what is nested too deeply, and variables that are no object', () => {
    const deep = `${'('.repeat(2000)}1${')'.repeat(2000)}`
    assert.match(
      outcome(() => canonicalPath(deep)),
      /^ERR 54001 /,
    )
    assert.match(
      outcome(() => queryPath(pathOf('$'), null, { variables: [] })),
      /^ERR 22023 "vars" argument is not an object/,
    )
    assert.match(
      outcome(() => pathMatches(pathOf('$.a'), parseJsonText('{"a": 1}'))),
      /^ERR 22038 single boolean result is expected/,
    )
    assert.match(
      outcome(() => queryPath(pathOf('$.datetime()'), 'x')),
      /^ERR 0A000 /,
    )
  })

  it('end when they look at too much', () => {
    const items = Array.from({ length: 4000 }, (_, at) => at)
    assert.match(
      outcome(() => queryPath(pathOf('$[*] ? (@ == $[*])'), parseJsonText(JSON.stringify(items)))),
      /^ERR 54001 .*the JSON path looks at more than 10000000 items/,
    )
    const few = parseJsonText(JSON.stringify(items.slice(0, 100)))
    assert.equal(queryPath(pathOf('$[*] ? (@ == $[*])'), few).length, 100)
  })
})
