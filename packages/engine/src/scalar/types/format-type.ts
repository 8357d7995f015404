import type { DataType, ScalarType } from '../data-type.js'

/** The type as SQL names it, with its modifier: `character varying(20)`, `numeric(10,2)[]`, `timestamp(3) without time zone`. */
export function formatDataType({ scalar, modifier }: Pick<DataType, 'scalar' | 'modifier'>): string {
  if (scalar.category === 'A' && scalar.element !== undefined && scalar.name.startsWith('_')) {
    return `${formatDataType({ scalar: scalar.element, modifier })}[]`
  }
  // `character` alone means one character, so the type without a length goes by its other name.
  if (scalar.name === 'bpchar' && modifier < 0) return 'bpchar'
  const suffix = modifierText(scalar, modifier)
  return suffix === '' || suffix.startsWith('(') ? scalar.displayName + suffix : suffix
}

function modifierText(scalar: ScalarType, modifier: number): string {
  return modifier < 0 ? '' : (scalar.formatModifier?.(modifier) ?? `(${modifier})`)
}
