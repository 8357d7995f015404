import { test } from 'node:test'
import { checkAnswers, parseAnswers } from '../define/answers.test.data.js'
import { dateFormatAnswers } from './date-format-answers.test.data.js'
import { numberFormatAnswers } from './number-format-answers.test.data.js'

test('patterns of dates answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(dateFormatAnswers), { timezone: 'America/New_York' })
})

test('patterns of numbers answer as PostgreSQL 15 does', () => {
  checkAnswers(parseAnswers(numberFormatAnswers))
})
