import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import fc from 'fast-check'
import type { JsonValue } from '../../record/json-value.js'
import type { PatchOperation } from './collection.js'
import { applyPatch, PATCH_COPIED_VALUES_MAX } from './json-patch.js'
import { formatPointer, parsePointer } from './json-pointer.js'
import { PATCH_OPERATIONS_MAX } from './patch-operations.js'

/** The examples of RFC 6902, appendix A, and the corners around them. */
const CASES: readonly [JsonValue, readonly PatchOperation[], JsonValue][] = [
  [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
  [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
  [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux'] }],
  [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
  [{ baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
  [{ a: [1, 2] }, [{ op: 'replace', path: '/a/0', value: 9 }], { a: [9, 2] }],
  [
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [{ a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
  [{ a: 1, ab: 2 }, [{ op: 'move', from: '/a', path: '/ab' }], { ab: 1 }],
  [
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  [{ '/': 9, '~1': 10 }, [{ op: 'replace', path: '/~1', value: 1 }], { '/': 1, '~1': 10 }],
  [
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  [
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  [{ a: 1 }, [{ op: 'add', path: '', value: { b: 2 } }], { b: 2 }],
  [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  [{ '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  [{ a: { x: 1, y: [2] } }, [{ op: 'test', path: '/a', value: { y: [2], x: 1 } }], { a: { x: 1, y: [2] } }],
  [
    { a: null },
    [
      { op: 'test', path: '/a', value: null },
      { op: 'add', path: '/a', value: 1 },
    ],
    { a: 1 },
  ],
]

test('RFC 6902', () => {
  for (const [document, patch, result] of CASES) {
    const before = structuredClone(document)
    assert.deepEqual(applyPatch(document, patch), result)
    assert.deepEqual(document, before)
  }
})

test('what a patch adds is its own', () => {
  const value = { deep: [1] }
  const patched = applyPatch({}, [
    { op: 'add', path: '/a', value },
    { op: 'add', path: '/a/deep/-', value: 2 },
  ])
  assert.deepEqual(patched, { a: { deep: [1, 2] } })
  assert.deepEqual(value, { deep: [1] })
})

function refusal(document: JsonValue, patch: unknown): OrbitError {
  const before = structuredClone(document)
  try {
    applyPatch(document, patch as readonly PatchOperation[])
  } catch (error) {
    assert(error instanceof OrbitError)
    assert.deepEqual(document, before)
    return error
  }
  return assert.fail('the patch was accepted')
}

test('what cannot be done is refused', () => {
  const cases: readonly [JsonValue, unknown, string][] = [
    [{}, {}, 'patch is an object; it must be an array of operations'],
    [{}, [5], 'patch[0] is 5; it must be an object'],
    [
      {},
      [{ op: 'ad', path: '/a', value: 1 }],
      'patch[0].op is "ad"; it must be one of add, remove, replace, move, copy, test; did you mean "add"?',
    ],
    [
      {},
      [{ op: 'add', value: 1 }],
      'patch[0].path is undefined; it must be a JSON pointer such as "/cast/0"',
    ],
    [{}, [{ op: 'add', path: '/a' }], 'patch[0].value is missing'],
    [{}, [{ op: 'move', path: '/a' }], 'patch[0].from is undefined'],
    [
      {},
      [{ op: 'add', path: 'a', value: 1 }],
      'patch[0].path is "a"; a JSON pointer is empty or begins with "/"',
    ],
    [
      {},
      [{ op: 'add', path: '/~2', value: 1 }],
      'patch[0].path is "/~2"; write "~0" for "~" and "~1" for "/"',
    ],
    [{}, [{ op: 'add', path: '/a'.repeat(101), value: 1 }], 'patch[0].path has 101 steps; at most 100'],
    [{}, [{ op: 'add', path: '/a', value: NaN }], 'patch[0].value is NaN'],
    [{}, [{ op: 'remove', path: '/a' }], 'patch[0] names "/a", which does not exist'],
    [{}, [{ op: 'replace', path: '/a', value: 1 }], 'patch[0] names "/a", which does not exist'],
    [{}, [{ op: 'add', path: '/a/b', value: 1 }], 'patch[0] names "/a", which does not exist'],
    [
      { a: 1 },
      [{ op: 'add', path: '/a/b', value: 1 }],
      'patch[0] goes into "/a", which is 1, not an object or array',
    ],
    [
      { a: [1] },
      [{ op: 'add', path: '/a/2', value: 1 }],
      'patch[0] adds at "2" of an array of 1; use 0 to 1, or "-" for its end',
    ],
    [{ a: [1] }, [{ op: 'add', path: '/a/01', value: 1 }], 'patch[0] adds at "01" of an array of 1'],
    [{ a: [1] }, [{ op: 'remove', path: '/a/-' }], 'patch[0] names "/a/-", which does not exist'],
    [{ a: [1] }, [{ op: 'remove', path: '/a/length' }], 'patch[0] names "/a/length", which does not exist'],
    [{}, [{ op: 'remove', path: '/constructor' }], 'patch[0] names "/constructor", which does not exist'],
    [{}, [{ op: 'remove', path: '' }], 'patch[0] removes the document itself; delete it instead'],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b/c' }], 'patch[0] moves "/a" into itself'],
    [{}, [{ op: 'add', path: '/__proto__', value: 1 }], 'names a field "__proto__", which is reserved'],
    [{}, [{ op: 'add', path: '/__proto__/x', value: 1 }], 'names "/__proto__", which does not exist'],
  ]
  for (const [document, patch, expected] of cases) {
    const { code, reason } = refusal(document, patch)
    assert.equal(code, 'INVALID_ARGUMENT', reason)
    assert(reason.includes(expected), `"${expected}" was expected in: ${reason}`)
  }
  assert.equal(Object.hasOwn(Object.prototype, 'x'), false)
})

test('a test that fails is a failed precondition, and later operations come to nothing', () => {
  const error = refusal({ a: 1, b: 1 }, [
    { op: 'remove', path: '/b' },
    { op: 'test', path: '/a', value: '1' },
  ])
  assert.equal(error.code, 'PRECONDITION_FAILED')
  assert.equal(error.reason, 'patch[1]: the test failed, "/a" is 1, which is not equal to "1"')
})

test('limits', () => {
  const many = (count: number): PatchOperation[] =>
    Array.from({ length: count }, (): PatchOperation => ({ op: 'add', path: '/a', value: 1 }))
  assert.deepEqual(applyPatch({}, many(PATCH_OPERATIONS_MAX)), { a: 1 })
  assert.equal(refusal({}, many(PATCH_OPERATIONS_MAX + 1)).code, 'LIMIT_EXCEEDED')
  const doubling: PatchOperation[] = Array.from({ length: 64 }, (_, i): PatchOperation => ({
    op: 'copy',
    from: '',
    path: `/${i}`,
  }))
  const error = refusal({ a: 1 }, doubling)
  assert.equal(error.code, 'LIMIT_EXCEEDED')
  assert.equal(error.reason, `patch copies more values than ${PATCH_COPIED_VALUES_MAX}`)
})

test('pointers are read as they are written', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 5 }), (keys) => {
      assert.deepEqual(parsePointer(formatPointer(keys)), { keys })
    }),
  )
})

test('adding and removing again changes nothing', () => {
  const json = fc
    .jsonValue({ maxDepth: 3 })
    .map((value) => JSON.stringify(value))
    .filter((text) => !text.includes('__proto__'))
    .map((text) => JSON.parse(text) as JsonValue)
  fc.assert(
    fc.property(json, json, (a, value) => {
      assert.deepEqual(
        applyPatch({ a }, [
          { op: 'add', path: '/new', value },
          { op: 'test', path: '/new', value },
          { op: 'copy', from: '/a', path: '/b' },
          { op: 'move', from: '/new', path: '/newer' },
          { op: 'remove', path: '/newer' },
        ]),
        { a, b: a },
      )
    }),
  )
})
