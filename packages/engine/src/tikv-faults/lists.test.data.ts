import { checkListAppend, listOf, writtenBy, type Dice, type List } from '@orbit-ts/tikv/testing/histories'
import { cells, cellSchema } from './cell.test.data.js'
import type { FaultWorkload, Step } from './fault-workload.test.data.js'

/** Lists in every model, which transactions read and append to: they tell in which order that was. */
export const lists: FaultWorkload = {
  name: 'lists in all models',
  schema: cellSchema,
  refusals: [],
  fill: async (tx) => {
    for (const cell of cells) await cell.create(tx, writtenBy(0, ''))
  },
  next: (dice) => (dice.chance(0.25) ? look(dice) : change(dice)),
  check: async (db, ended, level) => {
    const tx = await db.begin()
    const final = new Map<string, List>()
    for (const cell of cells) final.set(cell.name, listOf(await cell.get(tx)))
    await tx.rollback()
    return checkListAppend(
      ended.map(({ transaction }) => transaction),
      final,
      level,
    )
  },
}

function look(dice: Dice): Step {
  const chosen = dice.sample(cells, dice.between(2, cells.length))
  return {
    label: 'look',
    run: async (tx, attempt) => {
      for (const cell of chosen) await attempt.read(tx, cell)
    },
  }
}

function change(dice: Dice): Step {
  const plan = dice.sample(cells, dice.between(1, 4)).map((cell) => ({ cell, appends: dice.chance(0.6) }))
  return {
    label: 'change',
    run: async (tx, attempt) => {
      for (const { cell, appends } of plan) {
        const list = listOf(await attempt.read(tx, cell))
        if (!appends) continue
        await attempt.write(tx, cell, writtenBy(attempt.id, [...list, String(attempt.id)].join(',')))
      }
    },
  }
}
