import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { regexAnswers } from './regex-answers.test.data.js'

test('regular expressions answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(regexAnswers))
})
