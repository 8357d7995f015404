import { OrbitError } from '@orbit-ts/base'
import { OBJECT_KINDS, type DatabaseTransaction } from '@orbit-ts/engine'
import { Type, type TSchema } from 'typebox'
import type { HttpContext } from '../http-context.js'
import { ArgumentChecker } from '../operations/argument-checker.js'
import { json, result } from '../operations/argument-types.js'
import type { Operation } from '../operations/operation.js'
import { OPERATIONS, requireOperation } from '../operations/operations.js'
import { AnswerRoom, encodeJson } from '../json/encode-json.js'
import { inTransaction, sendText } from './in-transaction.js'
import { JSON_TYPE, type Route } from './route.js'

interface Step {
  readonly operation: Operation
  readonly object: string
  readonly args: unknown
}

/** Any number of operations on any objects, all or nothing. */
export function transactionRoute(context: HttpContext): Route {
  const { settings } = context
  const checker = new ArgumentChecker(outerSchema(settings.operationsMax))
  return {
    method: 'POST',
    path: '/v1/transactions',
    id: 'transactions_run',
    tag: 'transactions',
    summary: 'Runs operations on objects of any kind in one transaction: all take effect, or none.',
    bodies: { [JSON_TYPE]: documentedSchema(settings.operationsMax) },
    status: 200,
    response: result({
      results: Type.Array(Type.Unknown(), { description: 'What each operation returned, in order.' }),
    }),
    handle: async (request, reply) => {
      const { operations, ...options } = checker.check(request.body)
      const steps = operations.map(({ kind, object, op, args = {} }, index): Step => {
        return { operation: numbered(index, () => requireOperation(kind, op)), object, args }
      })
      const text = await inTransaction(context, request, reply, options, async (tx) =>
        encodeJson({ results: await runSteps(tx, steps) }, settings.responseSizeMaxMb),
      )
      return sendText(reply, text)
    },
  }

  async function runSteps(tx: DatabaseTransaction, steps: readonly Step[]): Promise<unknown[]> {
    const results: unknown[] = []
    const room = new AnswerRoom(settings.responseSizeMaxMb)
    for (const [index, { operation, object, args }] of steps.entries()) {
      try {
        const found = await operation.run(tx, object, args, settings)
        room.take(found)
        results.push(found)
      } catch (error) {
        throw withNumber(error, index)
      }
    }
    return results
  }
}

function numbered<T>(index: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw withNumber(error, index)
  }
}

/** The error, naming the operation that failed; it keeps its code, so that what can be retried still is. */
function withNumber(error: unknown, index: number): OrbitError {
  const { code, reason, details } = OrbitError.from(error)
  return new OrbitError(
    code,
    `operations[${index}]: ${reason}`,
    { ...details, operation: index },
    { cause: error },
  )
}

const options = {
  isolation: Type.Optional(
    Type.Enum(['read-committed', 'snapshot', 'serializable'], { description: 'Default snapshot.' }),
  ),
  mode: Type.Optional(Type.Enum(['optimistic', 'pessimistic'], { description: 'Default optimistic.' })),
  timeoutMs: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'How long the transaction may live. Default: transactions.timeout.',
    }),
  ),
}

const step = {
  object: Type.String({ description: 'The name of the object.' }),
  op: Type.String(),
  args: Type.Optional(json('The arguments of the operation.')),
}

function outerSchema(operationsMax: number) {
  const operation = Type.Object({ kind: Type.String(), ...step }, { additionalProperties: false })
  return Type.Object(
    { ...options, operations: Type.Array(operation, { minItems: 1, maxItems: operationsMax }) },
    { additionalProperties: false },
  )
}

/** With every operation and its arguments spelled out. */
function documentedSchema(operationsMax: number): TSchema {
  const forms = OBJECT_KINDS.flatMap((kind) =>
    Object.values(OPERATIONS[kind]).map((operation) =>
      Type.Object(
        {
          kind: Type.Literal(kind),
          object: step.object,
          op: Type.Literal(operation.name),
          args: argsOf(operation),
        },
        { additionalProperties: false, description: operation.summary },
      ),
    ),
  )
  return Type.Object(
    { ...options, operations: Type.Array(Type.Union(forms), { minItems: 1, maxItems: operationsMax }) },
    { additionalProperties: false },
  )
}

/** They can be left out when none of them is required. */
function argsOf({ args }: Operation): TSchema {
  // Left out of the schema when there are none.
  const required: readonly string[] | undefined = args.required
  return required === undefined ? Type.Optional(args) : args
}
