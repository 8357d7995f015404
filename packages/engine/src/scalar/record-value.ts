import type { DataType } from './data-type.js'
import type { Value } from './value.js'

export interface RecordField {
  /** `f1`, `f2`… where nobody named it. */
  readonly name: string
  readonly type: DataType
}

/** A row as a value: `ROW(1, 'a')`, a row of a composite type, a whole table row. Immutable. */
export class RecordValue {
  readonly fields: readonly RecordField[]
  readonly values: readonly Value[]

  constructor(fields: readonly RecordField[], values: readonly Value[]) {
    this.fields = fields
    this.values = values
  }
}
