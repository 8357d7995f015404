import type { Value } from '../value.js'

/** Where one dimension of an array begins, and how many elements it has. */
export interface ArrayDimension {
  readonly length: number
  /** The first subscript; 1 unless said otherwise. */
  readonly lower: number
}

/** An array of any number of dimensions, in row-major order. The empty array has no dimension. Immutable. */
export class SqlArray {
  readonly elements: readonly Value[]
  readonly dimensions: readonly ArrayDimension[]

  constructor(elements: readonly Value[], dimensions?: readonly ArrayDimension[]) {
    this.elements = elements
    this.dimensions = dimensions ?? (elements.length === 0 ? [] : [{ length: elements.length, lower: 1 }])
  }
}
