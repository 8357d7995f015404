import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { BATCH_FIELDS } from '../codec/hot/batch-fields.js'
import type { Method } from './method.js'
import {
  batchCommands,
  batchedMethods,
  healthMethods,
  keyspaceMethods,
  pdMethods,
  tikvMethods,
} from './methods.js'

const tables: Record<string, Record<string, Method<unknown, unknown>>> = {
  tikvMethods,
  pdMethods,
  keyspaceMethods,
  healthMethods,
  batchCommands: { batchCommands },
}

describe('the tables of methods', () => {
  it('name each path once, under its last part', () => {
    const methods = Object.values(tables).flatMap((table) => Object.values(table))
    assert.equal(new Set(methods.map(({ path }) => path)).size, methods.length)
    for (const { path, name } of methods) assert.equal(path.split('/').at(-1), name)
    for (const table of Object.values(tables))
      for (const [key, { name }] of Object.entries(table)) assert.equal(key.toLowerCase(), name.toLowerCase())
  })

  it('have a method for every batched command but the one for tests', () => {
    const commands = Object.keys(BATCH_FIELDS).filter((batchCase) => batchCase !== 'empty')
    assert.deepEqual([...batchedMethods.keys()].sort(), commands.sort())
  })

  it('batch unary methods only', () => {
    for (const { kind } of batchedMethods.values()) assert.equal(kind, 'unary')
  })

  it('name the paths of the servers', () => {
    assert.equal(tikvMethods.kvPessimisticRollback.path, '/tikvpb.Tikv/KVPessimisticRollback')
    assert.equal(tikvMethods.rawCompareAndSwap.path, '/tikvpb.Tikv/RawCompareAndSwap')
    assert.equal(pdMethods.tso.path, '/pdpb.PD/Tso')
    assert.equal(keyspaceMethods.loadKeyspace.path, '/keyspacepb.Keyspace/LoadKeyspace')
    assert.equal(healthMethods.check.path, '/grpc.health.v1.Health/Check')
    assert.equal(batchCommands.path, '/tikvpb.Tikv/BatchCommands')
  })

  it('read back what they write', () => {
    const request = { header: undefined, count: 3, dcLocation: 'global' }
    assert.deepEqual(pdMethods.tso.decodeRequest(pdMethods.tso.encodeRequest(request)), request)
    const timestamp = { physical: -1n, logical: 2n, suffixBits: 0 }
    const response = { header: undefined, count: 3, timestamp }
    assert.deepEqual(pdMethods.tso.decodeResponse(pdMethods.tso.encodeResponse(response)), response)
  })

  it('keep a presence that proto3 would drop: the keyspace 0', () => {
    const scope = { keyspaceId: 0, keyspaceIdentity: undefined }
    const request = {
      header: undefined,
      keyspaceScope: scope,
      excludeGcBarriers: false,
      includeGlobalGcBarriers: false,
    }
    assert.deepEqual(pdMethods.getGCState.decodeRequest(pdMethods.getGCState.encodeRequest(request)), request)
  })

  it('refuse bytes that are no such message, and name the method', () => {
    assert.throws(
      () => pdMethods.getMembers.decodeResponse(Uint8Array.of(10, 200)),
      (error) => hasCode(error, 'PROTOCOL_VIOLATION') && error.details['path'] === '/pdpb.PD/GetMembers',
    )
  })
})
