/** The relational model's expressions in SQL, computed over its datums. */
import { defined } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import type { ModelContext } from '../../../models/model.js'
import type {
  DefaultExpression,
  RowExpression,
  RowExpressionCompiler,
} from '../../../models/relational/layout/row-expressions.js'
import type { TableLayout } from '../../../models/relational/layout/table-layout.js'
import type { ColumnType } from '../../../models/relational/types/column-type.js'
import { PLAIN_CONTEXT } from '../../../models/relational/types/plain-context.js'
import type { StoredForm } from '../../../models/relational/types/stored-form.js'
import { isVolatile } from '../../../plan/expressions/volatility.js'
import type { RelationContext } from '../../../relation/relation.js'
import { takeSequenceNumbers } from '../../../relation/sequence-numbers.js'
import { keyType, tableTypes } from '../../../relation/table-types.js'
import { queryError } from '../../../scalar/condition.js'
import type { FunctionServices } from '../../../scalar/functions/function.js'
import { int64, type Row, type Value } from '../../../scalar/value.js'
import { loadCatalog } from '../catalog/load-catalog.js'
import { bindStored, ordinalsOf } from '../catalog/stored-expressions.js'
import { objectIdOf } from '../catalog/oids.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'
import { loadParser } from '../parse/parse-statements.js'
import { compileLoneExpression, compileRowExpression, type EvaluationContext } from './evaluate-expression.js'

/** For the tables that a transaction sees. */
export async function tableCompiler(context: ModelContext): Promise<RowExpressionCompiler> {
  await loadParser()
  return new TableCompiler(await loadCatalog(context))
}

class TableCompiler implements RowExpressionCompiler {
  readonly #catalog: LoadedCatalog

  constructor(catalog: LoadedCatalog) {
    this.#catalog = catalog
  }

  compile(table: TableLayout, sql: string, result: ColumnType | 'condition'): RowExpression {
    const { forms } = tableTypes(table, this.#catalog.types)
    const expression = bindStored(
      this.#catalog,
      table,
      sql,
      result === 'condition' ? 'check' : 'index expression',
      result,
    )
    const ordinals = ordinalsOf(expression)
    const evaluate = compileRowExpression(expression, table.columns.length, PLAIN_CONTEXT)
    const toDatum =
      result === 'condition' ? conditionDatum : keyType(result, this.#catalog.types).form.toDatum
    const width = table.columns.length
    return {
      positions: ordinals,
      evaluate: (datums) => {
        const row: Row = new Array<Value>(width).fill(null)
        for (const ordinal of ordinals) row[ordinal] = valueAt(forms, datums, ordinal)
        const value = evaluate(row, PLAIN_CONTEXT)
        return value === null ? NULL_DATUM : toDatum(value)
      },
    }
  }

  compileDefault(table: TableLayout, sql: string, result: ColumnType): DefaultExpression {
    const expression = bindStored(this.#catalog, table, sql, 'default', result)
    const { form } = keyType(result, this.#catalog.types)
    const evaluate = compileLoneExpression(expression, PLAIN_CONTEXT)
    return {
      isVolatile: isVolatile(expression),
      evaluate: async (context, session) => {
        const value = await evaluate(evaluationContext(context, session))
        return value === null ? NULL_DATUM : form.toDatum(value)
      },
    }
  }
}

const conditionDatum = (value: Value): Datum => ({ kind: 'int', value: value === true ? 1 : 0 })

function valueAt(forms: readonly StoredForm[], datums: readonly Datum[], ordinal: number): Value {
  const datum = datums[ordinal] ?? NULL_DATUM
  return datum.kind === 'null' ? null : defined(forms[ordinal], 'the form of the column').toValue(datum)
}

/** The statement's own where there is one, which the relation has handed on; the typed API has none. */
function evaluationContext(models: ModelContext, session: unknown): EvaluationContext {
  if (isRelationContext(session)) {
    const { services } = session
    return { ...pick(session), services: services ?? new PlainServices(models) }
  }
  return {
    models,
    scalar: {
      ...PLAIN_CONTEXT,
      env: models.env,
      transactionMicros: models.nowMs * 1000,
      statementMicros: models.nowMs * 1000,
    },
    signal: new AbortController().signal,
    services: new PlainServices(models),
  }
}

const pick = ({ models, scalar, signal }: RelationContext) => ({ models, scalar, signal })

type WithServices = RelationContext & { readonly services?: FunctionServices }

function isRelationContext(session: unknown): session is WithServices {
  return typeof session === 'object' && session !== null && 'scalar' in session
}

/** What functions in defaults can ask for where there is no session: numbers of sequences. */
class PlainServices implements FunctionServices {
  readonly #models: ModelContext

  constructor(models: ModelContext) {
    this.#models = models
  }

  async nextValue(sequence: number): Promise<Value> {
    const catalog = await loadCatalog(this.#models)
    const id = objectIdOf(sequence)
    const facts = id === undefined ? undefined : catalog.sequenceFacts(id)
    if (facts === undefined) throw queryError('undefined_table', `there is no sequence with oid ${sequence}`)
    const [number] = await takeSequenceNumbers(this.#models, facts, 1)
    return int64(defined(number, 'a number of the sequence'))
  }

  setValue(): Promise<Value> {
    return refuse('setval')
  }

  currentValue(): Value {
    throw queryError('object_not_in_prerequisite_state', 'currval is not defined outside of a session')
  }

  lastValue(): Value {
    throw queryError('object_not_in_prerequisite_state', 'lastval is not yet defined in this session')
  }

  invoke(name: string): Promise<Value> {
    return refuse(name)
  }
}

function refuse(name: string): Promise<never> {
  return Promise.reject(
    queryError('feature_not_supported', `${name} is not supported in a default outside of a session`),
  )
}
