import { queryError, unsupported } from '../../../../scalar/condition.js'
import { stringOf, type Node } from '../../parse/tree.js'

export interface ViewOptions {
  readonly checkOption?: 'local' | 'cascaded'
  /** As `pg_class.reloptions` shows them, but for the check option. */
  readonly options?: readonly string[]
}

/** What stands behind WITH in CREATE VIEW. @throws invalid_parameter_value, feature_not_supported */
export function viewOptions(nodes: readonly Node[] | undefined): ViewOptions {
  const options: string[] = []
  let checkOption: ViewOptions['checkOption']
  for (const node of nodes ?? []) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg } = node.DefElem
    const value = arg === undefined ? undefined : textOf(arg)
    switch (defname) {
      case 'check_option':
        if (value !== 'local' && value !== 'cascaded')
          throw queryError(
            'invalid_parameter_value',
            `invalid value for enum option "check_option": ${value ?? 'true'}`,
            {
              detail: 'Valid values are "local" and "cascaded".',
            },
          )
        checkOption = value
        break
      case 'security_barrier':
        options.push(`security_barrier=${isOn(defname, value) ? (value ?? 'true') : (value ?? '')}`)
        break
      case 'security_invoker':
        if (isOn(defname, value)) throw unsupported('a view with security_invoker')
        options.push(`security_invoker=${value ?? ''}`)
        break
      default:
        throw queryError('invalid_parameter_value', `unrecognized parameter "${defname}"`)
    }
  }
  return {
    ...(checkOption === undefined ? {} : { checkOption }),
    ...(options.length === 0 ? {} : { options }),
  }
}

function isOn(name: string, value: string | undefined): boolean {
  const text = (value ?? 'true').toLowerCase()
  const matches = (words: readonly string[]): boolean =>
    text !== '' && text !== 'o' && words.some((word) => word.startsWith(text))
  if (matches(['true', 'yes', 'on', '1'])) return true
  if (matches(['false', 'no', 'off', '0'])) return false
  throw queryError('invalid_parameter_value', `invalid value for boolean option "${name}": ${value ?? ''}`)
}

function textOf(node: Node): string {
  const text = stringOf(node)
  if (text !== undefined) return text
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false)
  if ('TypeName' in node) return (node.TypeName.names ?? []).map((part) => stringOf(part) ?? '').join('.')
  return ''
}
