import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LruTexts } from './lru-texts.js'

test('what was used longest ago goes first', () => {
  const texts = new LruTexts<number>({ lengthMax: 6, textLengthMax: 4 })
  texts.set('aa', 1)
  texts.set('bb', 2)
  texts.set('cc', 3)
  assert.equal(texts.get('aa'), 1)
  texts.set('dd', 4)
  assert.deepEqual(
    ['aa', 'bb', 'cc', 'dd'].map((text) => texts.get(text)),
    [1, undefined, 3, 4],
  )
})

test('long texts are not kept, and a text counts once', () => {
  const texts = new LruTexts<number>({ lengthMax: 6, textLengthMax: 4 })
  texts.set('aaaaa', 1)
  assert.equal(texts.get('aaaaa'), undefined)
  texts.set('aaaa', 1)
  texts.set('aaaa', 2)
  texts.set('bb', 3)
  assert.equal(texts.get('aaaa'), 2)
  assert.equal(texts.get('bb'), 3)
})
