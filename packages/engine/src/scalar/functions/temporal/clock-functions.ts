import type { ScalarContext } from '../../scalar-context.js'
import { momentToLocal } from '../../temporal/timestamp-arithmetic.js'
import { dayOf, timeOf } from '../../temporal/timestamp.js'
import { DAY_NAMES, MONTH_NAMES, civilFromDays, weekday } from '../../temporal/calendar.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

const transactionTime = ({ transactionMicros }: ScalarContext): number => transactionMicros

function clockTime({ env }: ScalarContext): number {
  return Math.round(env.clock.nowMs() * 1000)
}

/** `Thu Feb 29 12:34:56.789012 2024 UTC` */
function timeOfDay(context: ScalarContext): string {
  const micros = clockTime(context)
  const { timeZone } = context
  const local = momentToLocal(micros, timeZone)
  const day = dayOf(local)
  const time = timeOf(local)
  const { year, month, day: dayOfMonth } = civilFromDays(day)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two(time / 3.6e9)}:${two((time / 6e7) % 60)}:${two((time / 1e6) % 60)}`
  const fraction = String(time % 1_000_000).padStart(6, '0')
  const { abbreviation } = timeZone.at(micros / 1000)
  return `${DAY_NAMES[weekday(day)]} ${MONTH_NAMES[month - 1]} ${two(dayOfMonth)} ${clock}.${fraction} ${year} ${abbreviation}`
}

export const clockFunctions: readonly ScalarFunction[] = [
  scalar('1299 now() timestamptz stable', transactionTime),
  scalar('2647 transaction_timestamp() timestamptz stable', transactionTime),
  scalar('2648 statement_timestamp() timestamptz stable', ({ statementMicros }) => statementMicros),
  scalar('2649 clock_timestamp() timestamptz volatile', clockTime),
  scalar('274 timeofday() text volatile', timeOfDay),
]
