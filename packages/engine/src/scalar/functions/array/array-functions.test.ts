import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { arrayAnswers } from './array-answers.test.data.js'

test('arrays, names and sizes answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(arrayAnswers))
})

test('functions make no array that would fill the memory', () => {
  checkAnswers(
    parseAnswers(String.raw`
array_fill(int4,_int4)
  7¦{16777217} → !54000 array size exceeds the maximum allowed (16777216)
  7¦{100,100,10000} → !54000 array size exceeds the maximum allowed (16777216)
`),
  )
})
