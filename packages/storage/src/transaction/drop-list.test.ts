import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DropList } from './drop-list.js'

test('it does what an array does, over many drops at either end', () => {
  const command = fc.constantFrom('push', 'push', 'push', 'shift', 'shift', 'pop')
  fc.assert(
    fc.property(fc.array(command, { minLength: 3000, maxLength: 9000, size: 'max' }), (commands) => {
      const list = new DropList<number>()
      const model: number[] = []
      commands.forEach((name, index) => {
        if (name === 'push') {
          list.push(index)
          model.push(index)
        } else assert.equal(list[name](), model[name]())
        assert.deepEqual(
          [list.length, list.first, list.last, list.at(1)],
          [model.length, model[0], model.at(-1), model[1]],
        )
      })
    }),
    { numRuns: 20 },
  )
})

test('places dropped at the front are given back', () => {
  const list = new DropList<number>()
  for (let i = 0; i < 5000; i++) list.push(i)
  for (let i = 0; i < 4000; i++) assert.equal(list.shift(), i)
  assert.deepEqual([list.length, list.first, list.at(999), list.at(1000)], [1000, 4000, 4999, undefined])
})
