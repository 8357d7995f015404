import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogKeys, internalKeys } from '@orbit-ts/storage'
import { CATALOG_VERSION, definitionOf, guardKey } from './definition-key.js'

test('keys of the catalog are called what they stand for', () => {
  assert.equal(definitionOf(guardKey('table', 'public.users', 7)), 'the definition of table "public.users"')
  assert.equal(definitionOf(guardKey('vectors', 'docs', 63)), 'the definition of vector collection "docs"')
  assert.equal(definitionOf(catalogKeys.name('table', 'users')), 'the definition of table "users"')
  assert.equal(definitionOf(CATALOG_VERSION), 'the definitions of all objects')
  assert.equal(definitionOf(internalKeys.fact('format')), undefined)
  assert.equal(definitionOf(catalogKeys.sequence('object')), undefined)
  assert.equal(definitionOf(Buffer.of(0xff, 1)), undefined)
})
