import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { mathAnswers } from './math-answers.test.data.js'

test('mathematical functions answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(mathAnswers))
})
