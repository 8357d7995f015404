import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { integerAnswers } from './integer-answers.test.data.js'
import { floatAnswers } from './float-answers.test.data.js'
import { numericAnswers } from './numeric-answers.test.data.js'

test('integers answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(integerAnswers))
})

test('floating-point numbers answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(floatAnswers))
})

test('numerics answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(numericAnswers))
})
