import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import { GetRequest } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { callByKey, forEachBatch } from './by-region.js'
import { FakeCluster } from './fake-cluster.fake.js'
import { MovingRegions } from './moving-regions.fake.js'

const CLIENTS = 20
const REQUESTS = 8
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

const letter = fc.integer({ min: 0, max: 25 }).map((index) => LETTERS[index] ?? 'a')
const small = fc.integer({ min: 0, max: 5 })

type Change =
  | { readonly kind: 'split'; readonly index: number; readonly at: string }
  | { readonly kind: 'merge'; readonly index: number }
  | { readonly kind: 'elect' | 'move'; readonly index: number; readonly peer: number }
  | { readonly kind: 'tell' }

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('split' as const), index: small, at: letter }),
  fc.record({ kind: fc.constant('merge' as const), index: small }),
  fc.record({ kind: fc.constant('elect' as const), index: small, peer: fc.integer({ min: -1, max: 2 }) }),
  fc.record({ kind: fc.constant('move' as const), index: small, peer: fc.integer({ min: 0, max: 2 }) }),
  fc.constant({ kind: 'tell' as const }),
)

const apply = (moving: MovingRegions, one: Change): void => {
  switch (one.kind) {
    case 'split':
      return moving.split(one.index, one.at)
    case 'merge':
      return moving.merge(one.index)
    case 'elect':
      return moving.elect(one.index, one.peer)
    case 'move':
      return moving.movePeer(one.index, one.peer)
    case 'tell':
      return moving.tellPd()
  }
}

describe('requests while regions move', () => {
  it('[S18] all succeed, and none is sent to a region that does not hold its key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 10, maxLength: 30, size: 'max' }),
        fc.nat(),
        async (changes, seed) => {
          const cluster = new FakeCluster({ stores: 4, seed })
          const moving = new MovingRegions(cluster, ['h', 'p'])
          const key = (): string => `${LETTERS[Math.floor(cluster.env.random.float() * 26)] ?? 'a'}x`
          const client = async (): Promise<void> => {
            for (let count = 0; count < REQUESTS; count++) {
              const name = key()
              await callByKey({
                regions: cluster.cache,
                sender: cluster.sender,
                backoffer: cluster.backoffer(),
                key: utf8(name),
                method: tikvMethods.kvGet,
                request: GetRequest.create({ key: utf8(name) }),
                options: { timeoutMs: 1000 },
              })
              await delay(cluster.env, 5)
            }
          }
          const world = async (): Promise<void> => {
            for (const one of changes) {
              apply(moving, one)
              await delay(cluster.env, 5)
            }
            for (let index = 0; index < moving.count; index++) moving.elect(index, 0)
            moving.tellPd()
          }
          await cluster.settle(Promise.all([world(), ...Array.from({ length: CLIENTS }, client)]))
          assert.equal(moving.strays, 0)
          assert.equal(moving.served, CLIENTS * REQUESTS)
          await cluster.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  it('batches over moving regions give each item exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 4, maxLength: 12, size: 'max' }),
        fc.nat(),
        async (changes, seed) => {
          const cluster = new FakeCluster({ stores: 4, seed })
          const moving = new MovingRegions(cluster, ['h', 'p'])
          const items = Array.from(LETTERS, (one) => `${one}x`)
          const done: string[] = []
          let rest = [...changes]
          await cluster.settle(
            forEachBatch({
              regions: cluster.cache,
              backoffer: cluster.backoffer(),
              items,
              keyOf: utf8,
              batchItemsMax: 4,
              concurrency: 3,
              work: async (batch, backoffer) => {
                for (const one of rest.splice(0, 1)) apply(moving, one)
                if (rest.length === 0) {
                  for (let index = 0; index < moving.count; index++) moving.elect(index, 0)
                  moving.tellPd()
                  rest = []
                }
                const { items: own } = batch
                const request = GetRequest.create({ key: utf8(own[0] ?? '') })
                const options = { timeoutMs: 1000 }
                const sent = cluster.sender.send(backoffer, batch.region, tikvMethods.kvGet, request, options)
                const { regionError } = await sent
                if (regionError !== undefined) return { items: own, regionError }
                done.push(...own)
                return undefined
              },
            }),
          )
          assert.deepEqual(done.sort(), items)
          assert.equal(moving.strays, 0)
          await cluster.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})
