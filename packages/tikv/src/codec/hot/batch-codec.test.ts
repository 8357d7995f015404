import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { BatchCommandsRequest, BatchCommandsResponse } from '../../gen/tikvpb.js'
import type { BatchCase, BatchItem } from '../../rpc/batch-message.js'
import { batchCommands, batchedMethods } from '../../rpc/methods.js'
import { batchId, bytes, feedback, uint64, unknownField } from './arbitrary-messages.test.data.js'
import { BATCH_FIELDS } from './batch-fields.js'

const rawGet = (key: Uint8Array) => ({ $case: 'rawGet', value: { context: undefined, key, cf: '' } }) as const
const rawGetAnswer = (value: Uint8Array) =>
  ({ $case: 'rawGet', value: { regionError: undefined, error: '', value, notFound: false } }) as const

const commands = fc.array(fc.record({ id: batchId, key: fc.option(bytes, { nil: undefined }) }), {
  maxLength: 8,
})

/** A command as the envelope has it; without a key, an element without a command. */
function itemOf(
  { id, key }: { id: number | bigint; key: Uint8Array | undefined },
  side: 'request' | 'response',
): BatchItem {
  const method = batchedMethods.get('rawGet')
  assert.ok(method !== undefined)
  if (key === undefined) return { id, batchCase: undefined, payload: new Uint8Array(0) }
  const payload =
    side === 'request'
      ? method.encodeRequest(rawGet(key).value)
      : method.encodeResponse(rawGetAnswer(key).value)
  return { id, batchCase: 'rawGet', payload }
}

describe('the codec of batched commands', () => {
  it('writes and reads requests as the generated one does', () => {
    fc.assert(
      fc.property(commands, uint64, fc.array(unknownField), (entries, clientSendTimeNs, unknown) => {
        const generated = BatchCommandsRequest.encode({
          requests: entries.map(({ key }) => ({ cmd: key === undefined ? undefined : rawGet(key) })),
          requestIds: entries.map(({ id }) => BigInt(id)),
          clientSendTimeNs,
        }).finish()
        const items = entries.map((entry) => itemOf(entry, 'request'))
        assert.deepEqual(batchCommands.encodeRequest({ items, clientSendTimeNs }), generated)
        const received = Buffer.concat([generated, ...unknown])
        assert.deepEqual(batchCommands.decodeRequest(received), { items, clientSendTimeNs })
      }),
    )
  })

  it('writes and reads responses as the generated one does', () => {
    fc.assert(
      fc.property(
        commands,
        uint64,
        uint64,
        feedback,
        fc.array(unknownField),
        (entries, transportLayerLoad, serverSendTimeNs, healthFeedback, unknown) => {
          const generated = BatchCommandsResponse.encode({
            responses: entries.map(({ key }) => ({ cmd: key === undefined ? undefined : rawGetAnswer(key) })),
            requestIds: entries.map(({ id }) => BigInt(id)),
            transportLayerLoad,
            healthFeedback,
            tikvSendTimeNs: serverSendTimeNs,
          }).finish()
          const items = entries.map((entry) => itemOf(entry, 'response'))
          const response = { items, transportLayerLoad, healthFeedback, serverSendTimeNs }
          assert.deepEqual(batchCommands.encodeResponse(response), generated)
          assert.deepEqual(batchCommands.decodeResponse(Buffer.concat([generated, ...unknown])), response)
        },
      ),
    )
  })

  for (const batchCase of Object.keys(BATCH_FIELDS) as BatchCase[])
    it(`knows the command ${batchCase}`, () => {
      const item: BatchItem = { id: 1, batchCase, payload: new Uint8Array(0) }
      const request = batchCommands.encodeRequest({ items: [item], clientSendTimeNs: 0n })
      assert.equal(BatchCommandsRequest.decode(request).requests[0]?.cmd?.$case, batchCase)
      const nothing = { transportLayerLoad: 0n, healthFeedback: undefined, serverSendTimeNs: 0n }
      const response = batchCommands.encodeResponse({ items: [item], ...nothing })
      assert.equal(BatchCommandsResponse.decode(response).responses[0]?.cmd?.$case, batchCase)
      assert.deepEqual(batchCommands.decodeResponse(response).items, [item])
    })

  it('keeps the place of a command that it does not know', () => {
    // The command 5 (import) of two bytes, and the id 3.
    const received = Uint8Array.of(10, 4, 42, 2, 8, 1, 18, 1, 3)
    assert.deepEqual(batchCommands.decodeResponse(received).items, [
      { id: 3, batchCase: undefined, payload: new Uint8Array(0) },
    ])
  })

  it('reads ids that are not packed', () => {
    const received = Uint8Array.of(10, 0, 16, 3, 10, 0, 16, 4)
    assert.deepEqual(
      batchCommands.decodeRequest(received).items.map(({ id }) => id),
      [3, 4],
    )
  })

  it('refuses answers without ids, and what was cut off', () => {
    const cutOff = Uint8Array.of(10, 9, 10)
    for (const received of [Uint8Array.of(10, 0), Uint8Array.of(18, 1, 3), cutOff])
      assert.throws(
        () => batchCommands.decodeResponse(received),
        (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
      )
  })
})
