import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { jsonAnswers } from './json-answers.test.data.js'

test('json and jsonb answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(jsonAnswers), { timezone: 'America/New_York' })
})
