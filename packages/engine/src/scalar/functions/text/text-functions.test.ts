import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { textAnswers } from './text-answers.test.data.js'

test('strings and bytes answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(textAnswers))
})
