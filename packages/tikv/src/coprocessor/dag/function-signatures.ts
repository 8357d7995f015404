import { ScalarFuncSig } from '../../gen/tipb.js'
import type { DagComparison, DagType } from './dag-plan.js'

type Kind = DagType['kind']

/** By comparison and kind. */
export const COMPARISONS: Readonly<Record<DagComparison, Readonly<Record<Kind, ScalarFuncSig>>>> = {
  eq: strings({
    int: ScalarFuncSig.EQInt,
    real: ScalarFuncSig.EQReal,
    decimal: ScalarFuncSig.EQDecimal,
    text: ScalarFuncSig.EQString,
    duration: ScalarFuncSig.EQDuration,
  }),
  ne: strings({
    int: ScalarFuncSig.NEInt,
    real: ScalarFuncSig.NEReal,
    decimal: ScalarFuncSig.NEDecimal,
    text: ScalarFuncSig.NEString,
    duration: ScalarFuncSig.NEDuration,
  }),
  lt: strings({
    int: ScalarFuncSig.LTInt,
    real: ScalarFuncSig.LTReal,
    decimal: ScalarFuncSig.LTDecimal,
    text: ScalarFuncSig.LTString,
    duration: ScalarFuncSig.LTDuration,
  }),
  le: strings({
    int: ScalarFuncSig.LEInt,
    real: ScalarFuncSig.LEReal,
    decimal: ScalarFuncSig.LEDecimal,
    text: ScalarFuncSig.LEString,
    duration: ScalarFuncSig.LEDuration,
  }),
  gt: strings({
    int: ScalarFuncSig.GTInt,
    real: ScalarFuncSig.GTReal,
    decimal: ScalarFuncSig.GTDecimal,
    text: ScalarFuncSig.GTString,
    duration: ScalarFuncSig.GTDuration,
  }),
  ge: strings({
    int: ScalarFuncSig.GEInt,
    real: ScalarFuncSig.GEReal,
    decimal: ScalarFuncSig.GEDecimal,
    text: ScalarFuncSig.GEString,
    duration: ScalarFuncSig.GEDuration,
  }),
  'is-not-distinct': strings({
    int: ScalarFuncSig.NullEQInt,
    real: ScalarFuncSig.NullEQReal,
    decimal: ScalarFuncSig.NullEQDecimal,
    text: ScalarFuncSig.NullEQString,
    duration: ScalarFuncSig.NullEQDuration,
  }),
}

export const IS_NULL = strings({
  int: ScalarFuncSig.IntIsNull,
  real: ScalarFuncSig.RealIsNull,
  decimal: ScalarFuncSig.DecimalIsNull,
  text: ScalarFuncSig.StringIsNull,
  duration: ScalarFuncSig.DurationIsNull,
})

export const IN = strings({
  int: ScalarFuncSig.InInt,
  real: ScalarFuncSig.InReal,
  decimal: ScalarFuncSig.InDecimal,
  text: ScalarFuncSig.InString,
  duration: ScalarFuncSig.InDuration,
})

/** By operator and kind; no other kind has arithmetic. */
export const ARITHMETIC = {
  plus: {
    int: ScalarFuncSig.PlusInt,
    real: ScalarFuncSig.PlusReal,
    decimal: ScalarFuncSig.PlusDecimal,
  },
  minus: {
    int: ScalarFuncSig.MinusInt,
    real: ScalarFuncSig.MinusReal,
    decimal: ScalarFuncSig.MinusDecimal,
  },
  multiply: {
    int: ScalarFuncSig.MultiplyInt,
    real: ScalarFuncSig.MultiplyReal,
    decimal: ScalarFuncSig.MultiplyDecimal,
  },
} as const

/** Bytes are text to servers. */
function strings(
  byKind: Readonly<Record<Exclude<Kind, 'bytes'>, ScalarFuncSig>>,
): Readonly<Record<Kind, ScalarFuncSig>> {
  return { ...byKind, bytes: byKind.text }
}

/** How a value of one kind becomes one of another; undefined where it cannot. */
export function castSignature(from: Kind, to: Kind): ScalarFuncSig | undefined {
  if (from === 'int' && to === 'real') return ScalarFuncSig.CastIntAsReal
  if (from === 'int' && to === 'decimal') return ScalarFuncSig.CastIntAsDecimal
  if (from === 'decimal' && to === 'real') return ScalarFuncSig.CastDecimalAsReal
  return undefined
}
