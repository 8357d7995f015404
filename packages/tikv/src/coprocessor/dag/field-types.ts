import { unreachable } from '@orbit-ts/base'
import { ColumnInfo, FieldType } from '../../gen/tipb.js'
import type { DagColumn, DagType } from './dag-plan.js'
import { DatumSink } from './datum-sink.js'
import { plainDatum } from './plain-datum.js'

/** MySQL's numbers of types. */
export const FIELD_TYPE = {
  double: 5,
  longLong: 8,
  duration: 11,
  varchar: 15,
  newDecimal: 0xf6,
} as const

export const FIELD_FLAG = { unsigned: 32, binary: 128 } as const

/**
 * Numbers of the collations that compare bytes. They are positive: the negative ones of the same name, of TiDB's newer
 * framework, take no account of spaces at the end.
 */
export const COLLATION = { utf8mb4Bin: 46, binary: 63 } as const

const UNSPECIFIED = -1
/** Nanoseconds have nine digits; MySQL keeps six. */
const DURATION_FRACTION = 6

interface FieldFacts {
  readonly tp: number
  readonly flag: number
  readonly flen: number
  readonly decimal: number
  readonly collate: number
  readonly charset: string
}

const facts = (tp: number, others: Partial<FieldFacts> = {}): FieldFacts => ({
  tp,
  flag: FIELD_FLAG.binary,
  flen: UNSPECIFIED,
  decimal: UNSPECIFIED,
  collate: COLLATION.binary,
  charset: 'binary',
  ...others,
})

function factsOf(type: DagType): FieldFacts {
  switch (type.kind) {
    case 'int':
      return facts(FIELD_TYPE.longLong, {
        flag: type.unsigned === true ? FIELD_FLAG.binary | FIELD_FLAG.unsigned : FIELD_FLAG.binary,
        flen: 20,
        decimal: 0,
      })
    case 'real':
      return facts(FIELD_TYPE.double)
    case 'decimal':
      return facts(FIELD_TYPE.newDecimal, { flen: type.precision, decimal: type.scale })
    case 'text':
      return facts(FIELD_TYPE.varchar, { flag: 0, collate: COLLATION.utf8mb4Bin, charset: 'utf8mb4' })
    case 'bytes':
      return facts(FIELD_TYPE.varchar)
    case 'duration':
      return facts(FIELD_TYPE.duration, { decimal: DURATION_FRACTION })
    default:
      return unreachable(type, 'kind of type')
  }
}

export function fieldType(type: DagType): FieldType {
  return FieldType.fromPartial(factsOf(type))
}

export function columnInfo({ id, type, absent, isHandle }: DagColumn): ColumnInfo {
  const { tp, flag, flen, decimal, collate } = factsOf(type)
  return ColumnInfo.fromPartial({
    columnId: BigInt(id),
    tp,
    flag,
    collation: collate,
    columnLen: flen,
    decimal,
    pkHandle: isHandle === true,
    ...(absent === undefined || absent === null ? {} : { defaultVal: defaultOf(type, absent) }),
  })
}

function defaultOf(type: DagType, absent: NonNullable<DagColumn['absent']>): Uint8Array {
  const sink = new DatumSink()
  sink.datum(plainDatum(type, absent))
  return sink.take()
}
