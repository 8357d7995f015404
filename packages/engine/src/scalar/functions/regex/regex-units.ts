import type { RegexNode } from './regex-node.js'

/** What matters for taking a sequence apart. */
interface Traits {
  /** Holds groups or back references. */
  readonly hasGroups: boolean
  readonly isLong: boolean
  readonly isShort: boolean
}

const PLAIN: Traits = { hasGroups: false, isLong: false, isShort: false }

/**
 * The parts of a sequence that match as wholes. Neighbours without groups that prefer the same are one part: together
 * they take as much, or as little, as they can.
 */
export function unitsOf(sequence: RegexNode & { kind: 'concat' }): readonly RegexNode[] {
  const units: RegexNode[] = []
  let run: RegexNode[] = []
  let traits = PLAIN
  const endRun = (): void => {
    if (run.length > 0)
      units.push(run.length === 1 && run[0] !== undefined ? run[0] : { kind: 'concat', items: run })
    run = []
    traits = PLAIN
  }
  for (const item of sequence.items) {
    const next = combined(traits, traitsOf(item))
    if (next.hasGroups || (next.isLong && next.isShort)) {
      endRun()
      units.push(item)
    } else {
      run.push(item)
      traits = next
    }
  }
  endRun()
  return units
}

function traitsOf(node: RegexNode): Traits {
  switch (node.kind) {
    case 'group':
    case 'back':
      return { ...PLAIN, hasGroups: true }
    case 'concat':
      return node.items.map(traitsOf).reduce(combined, PLAIN)
    case 'or':
      return node.branches.map(traitsOf).reduce(combined, { ...PLAIN, isLong: true })
    case 'repeat': {
      const { prefersShort } = node
      return combined(traitsOf(node.item), {
        hasGroups: false,
        isLong: prefersShort === false,
        isShort: prefersShort === true,
      })
    }
    default:
      return PLAIN
  }
}

function combined(a: Traits, b: Traits): Traits {
  return {
    hasGroups: a.hasGroups || b.hasGroups,
    isLong: a.isLong || b.isLong,
    isShort: a.isShort || b.isShort,
  }
}
