import type { TableFunction } from '../function.js'
import { namedType } from './named-type.js'

/** The columns of a function of rows, each as `name type`. */
export function columnsOf(...columns: readonly string[]): TableFunction['columns'] {
  const all = columns.map((column) => {
    const [name = '', type = ''] = column.split(' ')
    return { name, type: { scalar: namedType(type), modifier: -1 } }
  })
  return () => all
}
