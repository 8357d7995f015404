/** Types that only functions have, as parameters or results. They have no values of their own but `void`. */
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import type { Value } from '../value.js'
import { defineType } from './define-type.js'

function pseudo(oid: number, name: string, length = 4, displayName = name): ScalarType {
  const refuse = (what: string) => (): never => {
    throw queryError('feature_not_supported', `cannot ${what} a value of type ${name}`)
  }
  return defineType<Value>({
    oid,
    name,
    displayName,
    category: 'P',
    length,
    parse: refuse('accept'),
    format: refuse('display'),
    encode: refuse('display'),
    decode: refuse('accept'),
    compare: undefined,
    hashKey: undefined,
  })
}

export const any = pseudo(2276, 'any', 4, '"any"')
export const anyelement = pseudo(2283, 'anyelement')
export const anyarray = pseudo(2277, 'anyarray', -1)
export const anynonarray = pseudo(2776, 'anynonarray')
export const anyenum = pseudo(3500, 'anyenum')
export const anyrange = pseudo(3831, 'anyrange', -1)
export const anymultirange = pseudo(4537, 'anymultirange', -1)
export const anycompatible = pseudo(5077, 'anycompatible')
export const anycompatiblearray = pseudo(5078, 'anycompatiblearray', -1)
export const anycompatiblenonarray = pseudo(5079, 'anycompatiblenonarray')
export const anycompatiblerange = pseudo(5080, 'anycompatiblerange', -1)
export const internal = pseudo(2281, 'internal', 8)
export const trigger = pseudo(2279, 'trigger')
export const eventTrigger = pseudo(3838, 'event_trigger')
export const languageHandler = pseudo(2280, 'language_handler')

/** The result of functions that give nothing; its one value is the empty string. */
export const voidType = defineType<string>({
  oid: 2278,
  name: 'void',
  category: 'P',
  length: 4,
  parse: () => '',
  format: () => '',
  encode: () => undefined,
  decode: () => '',
  compare: undefined,
  hashKey: undefined,
})
