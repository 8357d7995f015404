import type {
  AggregateCall,
  Expression,
  FrameBound,
  SortKey,
  WindowCall,
  WindowFrame,
} from '../expression.js'
import { mapAll } from './map-arguments.js'

type Mapping = (expression: Expression) => Expression
type Visit = (expression: Expression) => void

export function mapSortKeys(keys: readonly SortKey[], map: Mapping): readonly SortKey[] {
  return mapAll(keys, (key) => {
    const expression = map(key.expression)
    return expression === key.expression ? key : { ...key, expression }
  })
}

export function mapAggregate(call: AggregateCall, map: Mapping): AggregateCall {
  const args = mapAll(call.args, map)
  const orderBy = mapSortKeys(call.orderBy, map)
  const filter = call.filter === undefined ? undefined : map(call.filter)
  if (args === call.args && orderBy === call.orderBy && filter === call.filter) return call
  return { ...call, args, orderBy, ...(filter === undefined ? {} : { filter }) }
}

export function mapWindowCall(call: WindowCall, map: Mapping): WindowCall {
  const args = mapAll(call.args, map)
  const filter = call.filter === undefined ? undefined : map(call.filter)
  const frame = mapFrame(call.frame, map)
  if (args === call.args && filter === call.filter && frame === call.frame) return call
  return { ...call, args, frame, ...(filter === undefined ? {} : { filter }) }
}

export function eachAggregateExpression(call: AggregateCall, visit: Visit): void {
  call.args.forEach(visit)
  if (call.filter !== undefined) visit(call.filter)
  for (const key of call.orderBy) visit(key.expression)
}

export function eachWindowExpression(call: WindowCall, visit: Visit): void {
  call.args.forEach(visit)
  if (call.filter !== undefined) visit(call.filter)
  if (call.frame.start.kind === 'offset') visit(call.frame.start.expression)
  if (call.frame.end.kind === 'offset') visit(call.frame.end.expression)
}

function mapFrame(frame: WindowFrame, map: Mapping): WindowFrame {
  const start = mapBound(frame.start, map)
  const end = mapBound(frame.end, map)
  return start === frame.start && end === frame.end ? frame : { ...frame, start, end }
}

function mapBound<B extends FrameBound>(bound: B, map: Mapping): B {
  if (bound.kind !== 'offset') return bound
  const expression = map(bound.expression)
  return expression === bound.expression ? bound : { ...bound, expression }
}
