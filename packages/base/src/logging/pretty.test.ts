import assert from 'node:assert/strict'
import { it } from 'node:test'
import { prettyLine } from './pretty.js'

it('leaves text that is not JSON as it is', () => {
  assert.equal(prettyLine('plain\n'), 'plain\n')
  assert.equal(prettyLine('3\n'), '3\n')
})

it('writes fields without a message, and an error that is only a word', () => {
  assert.equal(
    prettyLine('{"level":"warn","time":"2023-11-14T22:13:20.000Z","n":[1]}'),
    '22:13:20.000 WARN  n=[1]\n',
  )
  assert.equal(prettyLine('{"level":"warn","err":"odd"}'), ' WARN \n    odd\n')
  assert.equal(prettyLine('{"level":"warn","err":{"message":"m"}}'), ' WARN \n    m\n')
})
