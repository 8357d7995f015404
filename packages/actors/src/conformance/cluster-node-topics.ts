import assert from 'node:assert/strict'
import type { ClusterNode, ClusterNodeProvider, NodeClaim } from '../directory/cluster-nodes.js'
import { failsWith, type DirectoryTest } from './harness.js'

const TTL_MS = 1000

async function join(nodes: ClusterNodeProvider, id: string): Promise<ClusterNode> {
  const { joined, node } = await nodes.join({ id, url: `http://${id}:8080` }, { ttlMs: TTL_MS })
  assert.equal(joined, true)
  return node
}

const claimOf = ({ id, version }: ClusterNode): NodeClaim => ({ id, version })

async function idsOf(nodes: ClusterNodeProvider): Promise<string[]> {
  return (await nodes.active()).nodes.map(({ id }) => id)
}

export function registerClusterNodeTests(test: DirectoryTest): void {
  test('a node joins and is seen', async ({ nodes }, env) => {
    const { node } = await nodes.join(
      { id: 'n1', url: 'http://n1:8080', capabilities: { types: ['Cart'] } },
      { ttlMs: TTL_MS },
    )
    assert.deepEqual(node, {
      id: 'n1',
      url: 'http://n1:8080',
      capabilities: { types: ['Cart'] },
      version: 1,
      incarnation: 1,
      joinedAtMs: env.clock.nowMs(),
      expiresAtMs: env.clock.nowMs() + TTL_MS,
    })
    assert.deepEqual(await nodes.get('n1'), node)
    assert.deepEqual(await nodes.active(), { version: 1, nodes: [node] })
    assert.equal(await nodes.get('n2'), undefined)
  })

  test('a member is not overwritten, unless its version is named', async ({ nodes }) => {
    const first = await join(nodes, 'n1')
    const other = { id: 'n1', url: 'http://elsewhere:1' }
    assert.deepEqual(await nodes.join(other, { ttlMs: TTL_MS }), { joined: false, node: first })
    const replaced = await nodes.join(other, { ttlMs: TTL_MS, replaceVersion: first.version })
    assert.equal(replaced.joined, true)
    assert.equal(replaced.node.incarnation, 2)
    await failsWith('LEASE_CONFLICT', () => nodes.renew(claimOf(first), TTL_MS))
  })

  test('of many concurrent joins of one id exactly one wins', async ({ nodes }) => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        nodes.join({ id: 'n1', url: `http://host${i}:1` }, { ttlMs: TTL_MS }),
      ),
    )
    assert.equal(answers.filter(({ joined }) => joined).length, 1)
    const present = await nodes.get('n1')
    for (const { node } of answers) assert.deepEqual(node, present)
  })

  test('concurrent joins of different nodes all succeed and are counted in the view', async ({ nodes }) => {
    const ids = Array.from({ length: 8 }, (_, i) => `n${i}`)
    await Promise.all(ids.map((id) => join(nodes, id)))
    const view = await nodes.active()
    assert.deepEqual(
      view.nodes.map(({ id }) => id),
      ids,
    )
    assert.equal(view.version, 8)
  })

  test('a renewal extends the lease and leaves the view alone', async ({ nodes }, env) => {
    const node = await join(nodes, 'n1')
    await env.advance(900)
    const renewed = await nodes.renew(claimOf(node), TTL_MS)
    assert.equal(renewed.expiresAtMs, env.clock.nowMs() + TTL_MS)
    assert.equal(renewed.incarnation, 1)
    assert.equal((await nodes.active()).version, 1)
    await failsWith('LEASE_CONFLICT', () => nodes.renew(claimOf(node), TTL_MS))
  })

  test('an expired node is no member, cannot renew, and may join again as another incarnation', async ({
    nodes,
  }, env) => {
    const node = await join(nodes, 'n1')
    await env.advance(TTL_MS)
    assert.deepEqual(await idsOf(nodes), [])
    assert.deepEqual(await nodes.all(), [node])
    await failsWith('LEASE_CONFLICT', () => nodes.renew(claimOf(node), TTL_MS))
    assert.equal((await join(nodes, 'n1')).incarnation, 2)
  })

  test('a node changes what it says of itself', async ({ nodes }) => {
    const node = await join(nodes, 'n1')
    const changed = await nodes.update(claimOf(node), { capabilities: { drained: true } })
    assert.deepEqual(changed.capabilities, { drained: true })
    assert.equal(changed.url, node.url)
    assert.equal((await nodes.active()).version, 2)
    await failsWith('LEASE_CONFLICT', () => nodes.update(claimOf(node), { url: 'http://late:1' }))
  })

  test('a node leaves once', async ({ nodes }) => {
    const node = await join(nodes, 'n1')
    await failsWith('LEASE_CONFLICT', () => nodes.leave({ id: 'n1', version: node.version + 1 }))
    assert.equal(await nodes.leave(claimOf(node)), true)
    assert.equal(await nodes.leave(claimOf(node)), false)
    assert.deepEqual(await nodes.all(), [])
    assert.equal((await join(nodes, 'n1')).incarnation, 2)
  })

  test('cleanup removes the expired and nobody else', async ({ nodes }, env) => {
    await join(nodes, 'n1')
    await env.advance(500)
    await join(nodes, 'n2')
    await env.advance(500)
    assert.deepEqual(await nodes.cleanupExpired(), ['n1'])
    assert.deepEqual(await nodes.cleanupExpired(), [])
    assert.deepEqual(await idsOf(nodes), ['n2'])
  })

  test('bad arguments are refused', async ({ nodes }) => {
    const ttl = { ttlMs: TTL_MS }
    const big = { text: 'x'.repeat(64 * 1024) }
    await failsWith('INVALID_ARGUMENT', async () => nodes.join({ id: '', url: 'http://a:1' }, ttl))
    await failsWith('INVALID_ARGUMENT', async () => nodes.join({ id: 'n1', url: '' }, ttl))
    await failsWith('INVALID_ARGUMENT', async () =>
      nodes.join({ id: 'n1', url: 'http://a:1' }, { ttlMs: -1 }),
    )
    await failsWith('INVALID_ARGUMENT', async () =>
      nodes.join({ id: 'n1', url: 'u', capabilities: big }, ttl),
    )
    await failsWith('INVALID_ARGUMENT', async () => nodes.renew({ id: 'n1', version: 0 }, TTL_MS))
    assert.deepEqual(await nodes.all(), [])
  })
}
