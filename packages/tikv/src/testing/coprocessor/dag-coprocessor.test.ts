import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemEnv } from '@orbit-ts/base'
import {
  pairsOf,
  rowsRange,
  storedRow,
  rowKey,
  type StoredTable,
} from '../../coprocessor/dag/stored-table.fake.js'
import { orderedInt } from '../../coprocessor/dag/datum-sink.js'
import { COLLATION, FIELD_TYPE } from '../../coprocessor/dag/field-types.js'
import { Request, type Response } from '../../gen/coprocessor.js'
import { CommitRequest, Op, PrewriteRequest } from '../../gen/kvrpcpb.js'
import { DAGRequest, ExecType, ExprType, ScalarFuncSig, SelectResponse } from '../../gen/tipb.js'
import { MvccStore } from '../mvcc/mvcc-store.js'
import { dagCoprocessor } from './dag-coprocessor.js'

type Plan = Parameters<typeof DAGRequest.fromPartial>[0]

const TABLE: StoredTable = {
  id: 3,
  columns: [
    { id: 1, type: { kind: 'int' }, isHandle: true },
    { id: 2, type: { kind: 'int' } },
  ],
  indexes: [],
}
const INT = { tp: FIELD_TYPE.longLong, collate: COLLATION.binary, flen: 20 }
const HANDLE = { columnId: 1n, tp: FIELD_TYPE.longLong, pkHandle: true }
const VALUE = { columnId: 2n, tp: FIELD_TYPE.longLong }
const SCAN = { tp: ExecType.TypeTableScan, tblScan: { tableId: 3n, columns: [HANDLE, VALUE] } }
const reference = (offset: number) => ({
  tp: ExprType.ColumnRef,
  val: orderedInt(offset),
  fieldType: INT,
})

/** A store with rows `[handle, value]`, committed at `commitTs`. */
class Store {
  readonly mvcc = new MvccStore({ env: systemEnv })

  async put(
    pairs: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[],
    commitTs: bigint,
  ): Promise<void> {
    const [first] = pairs
    assert.ok(first !== undefined)
    const mutations = pairs.map(({ key, value }) => ({ op: Op.Put, key, value }))
    const startVersion = commitTs - 1n
    await this.mvcc.prewrite(PrewriteRequest.fromPartial({ mutations, primaryLock: first.key, startVersion }))
    const keys = pairs.map(({ key }) => key)
    await this.mvcc.commit(CommitRequest.fromPartial({ keys, startVersion, commitVersion: commitTs }))
  }

  async rows(count: number): Promise<this> {
    await this.put(
      Array.from({ length: count }).flatMap((_, at) => pairsOf(TABLE, [at, at * 10])),
      10n,
    )
    return this
  }

  ask(plan: Plan | Uint8Array, others: Partial<Request> = {}): Response {
    const data = plan instanceof Uint8Array ? plan : DAGRequest.encode(DAGRequest.fromPartial(plan)).finish()
    const { start, end } = rowsRange(3)
    const request = Request.fromPartial({
      tp: 103n,
      data,
      // Behind the first key: otherwise the range is that key alone.
      ranges: [{ start: Buffer.concat([start, Buffer.alloc(1)]), end }],
      startTs: 100n,
      ...others,
    })
    const none = new Uint8Array(0)
    const { mvcc } = this
    return dagCoprocessor(request, {
      mvcc,
      bounds: { start: none, end: none },
      dataVersion: mvcc.state.data.version,
    })
  }

  select(plan: Plan, others: Partial<Request> = {}): SelectResponse {
    const response = this.ask(plan, others)
    assert.equal(response.otherError, '')
    return SelectResponse.decode(response.data)
  }
}

const hexOf = ({ chunks }: SelectResponse): string =>
  chunks.map(({ rowsData }) => Buffer.from(rowsData).toString('hex')).join('')

describe('plans that a store cannot run', () => {
  it('are refused as a whole, with what is wrong', async () => {
    const store = await new Store().rows(1)
    const field = (plan: Plan): string => store.ask(plan).otherError
    const condition = (expr: object) => ({
      executors: [SCAN, { tp: ExecType.TypeSelection, selection: { conditions: [expr] } }],
      outputOffsets: [0],
    })
    const call = (sig: number, children: readonly object[]) => ({
      tp: ExprType.ScalarFunc,
      sig: sig as ScalarFuncSig,
      children: [...children],
      fieldType: INT,
    })
    assert.equal(store.ask({}, { tp: 104n }).otherError, 'unsupported tp 104')
    assert.match(store.ask(Uint8Array.of(0xff)).otherError, /the plan is no DAGRequest/)
    assert.equal(field({}), 'No executors')
    assert.equal(
      field({ executors: [{ tp: ExecType.TypeLimit, limit: { limit: 1n } }] }),
      'Unexpected first executor 5',
    )
    assert.equal(field({ executors: [SCAN, SCAN] }), 'Unexpected non-first executor 0')
    assert.equal(
      field({ executors: [SCAN], outputOffsets: [2] }),
      'Invalid output offset (schema has 2 columns, access index 2)',
    )
    assert.equal(
      field({ executors: [{ ...SCAN, tblScan: { tableId: 3n, columns: [{ columnId: 2n, tp: 12 }] } }] }),
      'Unsupported type: 12',
    )
    assert.equal(
      field(condition(reference(7))),
      'Invalid column offset (schema has 2 columns, access index 7)',
    )
    assert.equal(
      field(condition(call(215, [reference(0), reference(1)]))),
      'ScalarFunction 215 is not supported in batch mode',
    )
    assert.match(field(condition(call(ScalarFuncSig.GTInt, [reference(0)]))), /Invalid GTInt .* 1 arguments/)
    assert.match(
      field(condition(call(ScalarFuncSig.GTReal, [reference(0), reference(1)]))),
      /Invalid GTReal .* an argument of int/,
    )
    assert.equal(
      field(condition({ tp: ExprType.Float64, val: orderedInt(0), fieldType: INT })),
      'Unexpected ExprType 4 and EvalType int',
    )
    const aggregation = (tp: number, children: readonly object[]) => ({
      executors: [
        SCAN,
        {
          tp: ExecType.TypeAggregation,
          aggregation: { aggFunc: [{ tp: tp as ExprType, children: [...children], fieldType: INT }] },
        },
      ],
      outputOffsets: [0],
    })
    assert.match(field(aggregation(3007, [reference(1)])), /blacklist aggr function 3007/)
    assert.equal(field(aggregation(ExprType.Count, [])), 'Expect 1 parameter, but got 0')
    assert.equal(field(aggregation(ExprType.Sum, [reference(1)])), 'Unexpected return field type 8')
  })
})

describe('rows that a store cannot read', () => {
  it('fail the plan within the answer', async () => {
    const store = new Store()
    await store.put([{ key: rowKey(3, 1), value: Buffer.from('0800', 'hex') }], 10n)
    assert.match(store.select({ executors: [SCAN], outputOffsets: [0] }).error?.msg ?? '', /row format 8/)
    await store.put([{ key: rowKey(3, 1), value: storedRow(TABLE.columns.slice(1), [undefined]) }], 20n)
    const strict = { ...SCAN, tblScan: { tableId: 3n, columns: [HANDLE, { ...VALUE, flag: 1 }] } }
    const { error } = store.select({ executors: [strict], outputOffsets: [0] })
    assert.equal(error?.code, 10_000)
    assert.equal(error.msg, 'Data is corrupted, missing data for NOT NULL column (offset = 1)')
    assert.equal(hexOf(store.select({ executors: [SCAN], outputOffsets: [1] })), '00')
    const index = { tp: ExecType.TypeIndexScan, idxScan: { tableId: 3n, indexId: 1n, columns: [VALUE] } }
    assert.match(
      store.select({ executors: [index], outputOffsets: [0] }).error?.msg ?? '',
      /record or index key expected, but got 74/,
    )
  })
})

describe('answers', () => {
  it('are rows of datums, in batches that grow, with what was scanned', async () => {
    const store = await new Store().rows(200)
    const answer = store.select({
      executors: [SCAN, { tp: ExecType.TypeLimit, limit: { limit: 150n } }],
      outputOffsets: [1, 0],
      collectExecutionSummaries: true,
    })
    assert.ok(hexOf(answer).startsWith('08000800' + '08140802' + '08280804'))
    assert.equal(answer.chunks.length, 3)
    assert.deepEqual(
      answer.executionSummaries.map(({ numProducedRows, numIterations }) => [numProducedRows, numIterations]),
      [
        [200n, 3n],
        [150n, 3n],
      ],
    )
    assert.deepEqual(answer.outputCounts, [200n])
  })

  it('end a page after the batch that fills it, and say what they covered', async () => {
    const store = await new Store().rows(200)
    const page = store.ask({ executors: [SCAN], outputOffsets: [0] }, { pagingSize: 33n })
    assert.equal(SelectResponse.decode(page.data).outputCounts[0], 96n)
    assert.deepEqual(Buffer.from(page.range?.end ?? []), Buffer.concat([rowKey(3, 95), Buffer.alloc(1)]))
    const down = { ...SCAN, tblScan: { ...SCAN.tblScan, desc: true } }
    const last = store.ask({ executors: [down], outputOffsets: [0] }, { pagingSize: 1n })
    assert.deepEqual(Buffer.from(last.range?.start ?? []), Buffer.from(rowKey(3, 168)))
    assert.deepEqual(Buffer.from(last.range?.end ?? []), Buffer.from(rowsRange(3).end))
    assert.equal(store.ask({ executors: [SCAN], outputOffsets: [0] }, { pagingSize: 201n }).range, undefined)
  })

  it('may be kept only when no later reader would see more', async () => {
    const store = await new Store().rows(2)
    const plan = { executors: [SCAN], outputOffsets: [0] }
    const first = store.ask(plan, { isCacheEnabled: true })
    assert.equal(first.canBeCached, true)
    const known = { isCacheEnabled: true, cacheIfMatchVersion: first.cacheLastVersion }
    const again = store.ask(plan, known)
    assert.deepEqual([again.isCacheHit, again.data.length], [true, 0])
    await store.put(pairsOf(TABLE, [7, 7]), 200n)
    const old = store.ask(plan, known)
    assert.deepEqual([old.isCacheHit, old.canBeCached], [false, false])
    assert.equal(store.ask(plan, { ...known, startTs: 300n }).canBeCached, true)
    assert.equal(store.ask(plan, { startTs: 300n }).canBeCached, false)
  })

  it('are the lock where one hides what is read', async () => {
    const store = await new Store().rows(3)
    const [pair] = pairsOf(TABLE, [1, 1])
    assert.ok(pair !== undefined)
    const mutations = [{ op: Op.Put, ...pair }]
    await store.mvcc.prewrite(
      PrewriteRequest.fromPartial({ mutations, primaryLock: pair.key, startVersion: 50n, lockTtl: 10n }),
    )
    const plan = { executors: [SCAN], outputOffsets: [0] }
    const { locked, data } = store.ask(plan)
    assert.deepEqual([locked?.lockVersion, data.length], [50n, 0])
    assert.equal(store.ask(plan, { startTs: 40n }).locked, undefined)
    const { context } = Request.fromPartial({ context: { resolvedLocks: [50n] } })
    assert.equal(store.ask(plan, { context }).locked, undefined)
  })
})
