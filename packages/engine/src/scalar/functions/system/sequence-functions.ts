import type { Value } from '../../value.js'
import { asynchronous } from '../define/async-function.js'
import type { AsyncFunction } from '../function.js'

export const sequenceFunctions: readonly AsyncFunction[] = [
  asynchronous('1574 nextval(regclass) int8 volatile', (services, _, sequence: number) =>
    services.nextValue(sequence),
  ),
  asynchronous('1575 currval(regclass) int8 volatile', (services, _, sequence: number) =>
    services.currentValue(sequence),
  ),
  asynchronous('2559 lastval() int8 volatile', (services) => services.lastValue()),
  asynchronous('1576 setval(regclass,int8) int8 volatile', (services, _, sequence: number, value: Value) =>
    services.setValue(sequence, value, true),
  ),
  asynchronous(
    '1765 setval(regclass,int8,bool) int8 volatile',
    (services, _, sequence: number, value: Value, isCalled: boolean) =>
      services.setValue(sequence, value, isCalled),
  ),
]
