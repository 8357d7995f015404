import type { Privilege } from '../../catalog-snapshot.js'
import type { RequiredPrivilege } from '../bind-context.js'

/** A class of the catalog that a statement uses in one place. */
export interface UsedClass {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

/** The whole class, the columns that are named, or those and nothing when none is. */
type Extent = 'whole' | 'columns' | 'columns if any'

/** The columns that one place of a statement needs one privilege for. */
export class ClassUse {
  readonly used: UsedClass
  readonly privilege: Privilege
  readonly role: string | undefined
  /** Undefined: the whole. */
  readonly columns: Set<string> | undefined
  readonly isOptional: boolean

  constructor(used: UsedClass, privilege: Privilege, extent: Extent, role: string | undefined) {
    this.used = used
    this.privilege = privilege
    this.role = role
    this.columns = extent === 'whole' ? undefined : new Set()
    this.isOptional = extent === 'columns if any'
  }
}

/** Collects what a statement must be allowed. */
export class Privileges {
  readonly #uses: ClassUse[] = []
  readonly #schemas = new Map<string, RequiredPrivilege>()

  needClass(used: UsedClass, privilege: Privilege, extent: Extent, role: string | undefined): ClassUse {
    const use = new ClassUse(used, privilege, extent, role)
    this.#uses.push(use)
    return use
  }

  needSchema(name: string, role: string | undefined): void {
    this.#schemas.set(`${name} ${role ?? ''}`, { kind: 'schema', name, privilege: 'usage', role })
  }

  finish(): RequiredPrivilege[] {
    const needed = this.#uses.filter((use) => !use.isOptional || use.columns?.size !== 0)
    const classes = needed.map(({ used, privilege, role, columns }): RequiredPrivilege => ({
      kind: 'class',
      oid: used.oid,
      schema: used.schema,
      name: used.name,
      privilege,
      columns: columns === undefined ? undefined : [...columns],
      role,
    }))
    return [...this.#schemas.values(), ...classes]
  }
}
