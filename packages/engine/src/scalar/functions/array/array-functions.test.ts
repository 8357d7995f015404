import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { arrayAnswers } from './array-answers.test.data.js'

test('arrays, names and sizes answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(arrayAnswers))
})
