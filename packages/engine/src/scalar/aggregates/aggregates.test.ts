import { test } from 'node:test'
import { checkAggregates, parseAggregateAnswers } from './aggregate-answers.test.data.js'
import { aggregatesAnswers } from './aggregates-answers.test.data.js'

test('aggregates answer as PostgreSQL 15 does, also merged and with rows taken back', () => {
  checkAggregates(parseAggregateAnswers(aggregatesAnswers))
})
