import assert from 'node:assert/strict'
import { it } from 'node:test'
import { format, inspect } from 'node:util'
import { Secret } from './secret.js'

it('prints as *** whichever way it is printed', () => {
  const secret = new Secret('hunter2')
  assert.equal(secret.reveal(), 'hunter2')
  assert.equal(String(secret), '***')
  assert.equal(JSON.stringify({ secret }), '{"secret":"***"}')
  assert.equal(inspect({ secret }), '{ secret: *** }')
  assert.ok(!inspect(secret, { customInspect: false, showHidden: true }).includes('hunter2'))
  assert.equal(format('%o', secret).includes('hunter2'), false)
  assert.deepEqual(Object.keys(secret), [])
})
