import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { temporalAnswers } from './temporal-answers.test.data.js'

test('dates, times and intervals answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(temporalAnswers), { timezone: 'America/New_York' })
})
