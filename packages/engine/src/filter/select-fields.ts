import { parsePath, property, type Step } from './path.js'

type JsonObject = Record<string, unknown>

/** The fields asked for below one field; `all` when the field itself was asked for. */
interface Selection {
  all: boolean
  readonly below: Map<string, { readonly step: Step; readonly selection: Selection }>
}

/**
 * A function that copies the given fields of a record, nested as they are there: `address.city` of
 * `{ address: { city, zip } }` gives `{ address: { city } }`. What a record lacks is left out. A path into an array
 * gives an array of what it finds in the elements that are objects; an index gives an array of that element.
 * @throws INVALID_ARGUMENT for a malformed path.
 */
export function compileSelect(fields: readonly string[]): (record: object) => JsonObject {
  const selection: Selection = { all: false, below: new Map() }
  for (const field of fields) addPath(selection, parsePath(field).steps)
  return (record) => pick(record, selection)
}

/** As `compileSelect`, for one record. */
export function selectFields(record: object, fields: readonly string[]): JsonObject {
  return compileSelect(fields)(record)
}

function addPath(selection: Selection, steps: readonly Step[]): void {
  let at = selection
  for (const step of steps) {
    let next = at.below.get(step.key)
    if (next === undefined) {
      next = { step, selection: { all: false, below: new Map() } }
      at.below.set(step.key, next)
    }
    at = next.selection
  }
  at.all = true
}

function pick(record: object, { below }: Selection): JsonObject {
  const picked: JsonObject = {}
  for (const { step, selection } of below.values()) {
    const value = property(record, step)
    if (value === undefined) continue
    const part = pickValue(value, selection)
    if (part !== undefined) setOwn(picked, step.key, part)
  }
  return picked
}

/** Undefined when the value has nothing of what was asked for. */
function pickValue(value: unknown, selection: Selection): unknown {
  if (selection.all) return value
  if (typeof value !== 'object' || value === null) return undefined
  return Array.isArray(value) ? pickElements(value, selection) : pick(value, selection)
}

/** An index asks for one element, any other step for every element that has it. */
function pickElements(array: readonly unknown[], { below }: Selection): unknown[] {
  const named = new Map([...below].filter(([, { step }]) => step.index < 0))
  const each: Selection | undefined = named.size === 0 ? undefined : { all: false, below: named }
  return array.flatMap((element: unknown, index) => {
    const selection = below.get(String(index))?.selection ?? each
    const part = selection === undefined || element === undefined ? undefined : pickValue(element, selection)
    return part === undefined ? [] : [part]
  })
}

/** As an assignment, but `__proto__` becomes an ordinary property. */
export function setOwn(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    object[key] = value
  }
}
