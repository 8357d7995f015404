import { OrbitError } from '@orbit-ts/base'
import { isWellFormed } from '@orbit-ts/storage'

/** What documents, properties and attributes hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [field: string]: JsonValue }

/** JSON, and what JSON text cannot express but records keep: bytes, and integers of 64 bits. */
export type RecordValue =
  JsonValue | bigint | Uint8Array | readonly RecordValue[] | { readonly [field: string]: RecordValue }

export interface JsonCheckOptions {
  /** Arrays and objects inside one another. Default 100. */
  readonly depthMax?: number
  /** Also take `bigint` (64 bits) and `Uint8Array`. Default false. */
  readonly extended?: boolean
}

export const JSON_DEPTH_MAX = 100

/**
 * The value as it can be stored and read back exactly: itself, or a copy without the properties that are undefined,
 * which are left out as `JSON.stringify` does. -0 reads back as 0.
 * @param what what the value is, for error messages: `document`, `property "name"`.
 * @throws INVALID_ARGUMENT naming the place and what is wrong with it, LIMIT_EXCEEDED when it is nested too deep.
 */
export function toRecordValue(value: unknown, what: string, options: JsonCheckOptions = {}): RecordValue {
  return new Check(what, options.depthMax ?? JSON_DEPTH_MAX, options.extended === true).value(value, 0)
}

/** As `toRecordValue`, for JSON alone. */
export function toJsonValue(value: unknown, what: string, depthMax: number = JSON_DEPTH_MAX): JsonValue {
  // Without `extended` nothing but JSON passes.
  return toRecordValue(value, what, { depthMax }) as JsonValue
}

class Check {
  readonly #what: string
  readonly #depthMax: number
  readonly #extended: boolean
  readonly #path: (string | number)[] = []
  /** The arrays and objects around the value, by depth. */
  readonly #around: object[] = []

  constructor(what: string, depthMax: number, extended: boolean) {
    this.#what = what
    this.#depthMax = depthMax
    this.#extended = extended
  }

  value(value: unknown, depth: number): RecordValue {
    switch (typeof value) {
      case 'string':
        if (!isWellFormed(value)) throw this.#refuse('text with a lone surrogate; send well-formed Unicode')
        return value
      case 'boolean':
        return value
      case 'number':
        if (!Number.isFinite(value))
          throw this.#refuse(`${value}, which JSON does not have; use null or text`)
        return value
      case 'bigint':
        return this.#bigint(value)
      case 'object':
        return value === null ? null : this.#object(value, depth + 1)
      default:
        throw this.#refuse(`${typeof value}, which JSON does not have`)
    }
  }

  #bigint(value: bigint): bigint {
    if (!this.#extended) throw this.#refuse('a bigint, which JSON does not have; use a number or text')
    if (BigInt.asIntN(64, value) !== value)
      throw this.#refuse(`${value}, which does not fit 64 bits; use text`)
    return value
  }

  #object(value: object, depth: number): RecordValue {
    if (value instanceof Uint8Array) {
      if (!this.#extended) throw this.#refuse('bytes, which JSON does not have; use base64 text')
      return value
    }
    this.#around[depth - 1] = value
    if (depth > this.#depthMax) {
      this.#refuseCycle(depth)
      throw new OrbitError(
        'LIMIT_EXCEEDED',
        `${this.#where()} is nested deeper than ${this.#depthMax} levels; store it flatter`,
        { what: this.#what, depthMax: this.#depthMax },
      )
    }
    return Array.isArray(value) ? this.#array(value, depth) : this.#record(value, depth)
  }

  #array(array: readonly unknown[], depth: number): RecordValue {
    let copy: RecordValue[] | undefined
    for (let i = 0; i < array.length; i++) {
      this.#path.push(i)
      const item = array[i]
      const kept = this.value(item, depth)
      this.#path.pop()
      if (kept !== item) copy ??= array.slice(0, i) as RecordValue[]
      copy?.push(kept)
    }
    // Without a copy every element was found to be one.
    return copy ?? (array as readonly RecordValue[])
  }

  #record(object: object, depth: number): RecordValue {
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw this.#refuse(
        `an object of class ${object.constructor.name}; use plain objects, and text for dates`,
      )
    }
    const entries = Object.entries(object) as [string, unknown][]
    let changed = false
    for (const entry of entries) {
      const [field, value] = entry
      this.#path.push(field)
      if (field === '__proto__')
        throw this.#refuse('a field of this name, which is reserved by JavaScript; rename it')
      if (!isWellFormed(field)) throw this.#refuse('a field whose name has a lone surrogate; rename it')
      if (value === undefined) changed = true
      else {
        const kept = this.value(value, depth)
        if (kept !== value) {
          entry[1] = kept
          changed = true
        }
      }
      this.#path.pop()
    }
    if (!changed) return object as { readonly [field: string]: RecordValue }
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as {
      readonly [field: string]: RecordValue
    }
  }

  /** What is nested too deep may be nested in itself. */
  #refuseCycle(depth: number): void {
    const around = this.#around.slice(0, depth)
    const again = around.findIndex((value, i) => around.indexOf(value) < i)
    if (again < 0) return
    // The outermost value has no path.
    this.#path.splice(again)
    throw this.#refuse('an array or object that contains itself, which JSON does not have')
  }

  #refuse(found: string): OrbitError {
    return new OrbitError('INVALID_ARGUMENT', `${this.#where()} is ${found}`, {
      what: this.#what,
      path: [...this.#path],
    })
  }

  #where(): string {
    const path = this.#path.map((part) =>
      typeof part === 'number' ? `[${part}]` : `.${JSON.stringify(part).slice(1, -1)}`,
    )
    return this.#path.length === 0
      ? this.#what
      : `${this.#what}: ${path.join('').replace(/^\./, '')}`.slice(0, 300)
  }
}
