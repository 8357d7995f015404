// @ts-check
/** What the crash test writes and what must hold afterwards. */
import { collection, graph, openDatabase, series, table, vectors, int4, int8, text } from '@orbit-ts/engine'

export const ACCOUNTS = 20
export const BALANCE = 1000n

const accounts = table('accounts', { id: int4().primaryKey(), balance: int8().notNull() })
const entries = table(
  'entries',
  { id: int4().primaryKey(), code: text().notNull(), account: int4().notNull() },
  {
    indexes: [{ name: 'entries_code', columns: ['code'], unique: true }],
    foreignKeys: [{ columns: ['account'], references: { table: 'accounts', columns: ['id'] } }],
  },
)
const notes = collection('notes', { indexes: [{ path: 'n', unique: true }] })
const links = graph('links', { nodes: { Entry: {} }, edges: { NEXT: { from: 'Entry', to: 'Entry' } } })
const points = vectors('points', { dimension: 4, metric: 'l2' })
const ticks = series('ticks', { tags: ['worker'], fields: { n: 'int' } })

export const schema = [accounts, entries, notes, links, points, ticks]

/** @param {import('@orbit-ts/storage').ProviderOptions} storage */
export async function openWorkload(storage) {
  const db = await openDatabase({ storage, schema })
  await db.transaction(async (tx) => {
    if ((await tx.table(accounts).count()) > 0) return
    const rows = Array.from({ length: ACCOUNTS }, (_, id) => ({ id, balance: BALANCE }))
    await tx.table(accounts).insertMany(rows)
    await tx.graph(links).addNode({ id: 'hub', labels: ['Entry'] })
  })
  return db
}

/**
 * Transaction `n`: moves money and leaves a record in every model.
 * @param {import('@orbit-ts/engine').Database} db
 * @param {number} n
 */
export function runTransaction(db, n) {
  return db.transaction(
    async (tx) => {
      const [from, to] = [n % ACCOUNTS, (n * 7 + 1) % ACCOUNTS]
      const [source, target] = await tx.table(accounts).getMany([from, to])
      if (source === undefined || target === undefined)
        throw new Error(`an account of transaction ${n} is missing`)
      if (from !== to) {
        await tx.table(accounts).update(from, { balance: source.balance - 1n })
        await tx.table(accounts).update(to, { balance: target.balance + 1n })
      }
      await tx.table(entries).insert({ id: n, code: `code-${n}`, account: from })
      await tx.collection(notes).insert({ id: `note-${n}`, n })
      await tx.graph(links).addNode({ id: `entry-${n}`, labels: ['Entry'] })
      await tx.graph(links).addEdge({ type: 'NEXT', from: `entry-${n}`, to: 'hub' })
      await tx.vectors(points).upsert({ id: `point-${n}`, vector: [n, 1, 2, 3] })
      await tx.series(ticks).append({ timestamp: n, tags: { worker: String(n % 4) }, fields: { n } })
    },
    { attemptsMax: 100 },
  )
}

/**
 * Everything that is wrong with what is stored; empty when nothing is.
 * @param {import('@orbit-ts/engine').Database} db
 * @param {ReadonlySet<number>} acknowledged
 */
export async function findDamage(db, acknowledged) {
  /** @type {string[]} */
  const damage = []
  const tx = await db.begin({ timeoutMs: 600_000 })
  const rows = await collect(tx.table(entries).scan({}))
  const ids = new Set(rows.map((row) => row.id))
  for (const n of acknowledged) if (!ids.has(n)) damage.push(`transaction ${n} was acknowledged and is lost`)

  /** @type {Record<string, Set<number>>} */
  const parts = {
    notes: new Set((await collect(tx.collection(notes).scan({}))).map((note) => Number(note.n))),
    nodes: new Set((await collect(tx.graph(links).scanNodes({}))).map((node) => numberIn(node.id))),
    edges: new Set((await collect(tx.graph(links).scanEdges({}))).map((edge) => numberIn(edge.from))),
    vectors: new Set((await collect(tx.vectors(points).scan({}))).map((vector) => numberIn(vector.id))),
    ticks: new Set((await collect(tx.series(ticks).scan({}))).map((point) => Number(point.fields.n))),
  }
  parts['nodes']?.delete(Number.NaN)
  for (const [name, found] of Object.entries(parts)) {
    for (const n of ids) if (!found.has(n)) damage.push(`transaction ${n} is half there: nothing in ${name}`)
    for (const n of found) if (!ids.has(n)) damage.push(`transaction ${n} is half there: only in ${name}`)
  }

  const balances = (await collect(tx.table(accounts).scan({}))).map((row) => row.balance)
  const total = balances.reduce((sum, balance) => sum + balance, 0n)
  if (total !== BALANCE * BigInt(ACCOUNTS)) damage.push(`the accounts hold ${total}`)
  for (const row of rows.slice(0, 200)) {
    const [found] = await tx.table(entries).find({ where: { code: row.code } })
    if (found?.id !== row.id) damage.push(`the index on code does not find ${row.code}`)
  }
  await tx.rollback()
  return { damage, count: ids.size }
}

/**
 * @template T
 * @param {AsyncIterable<T[]>} chunks
 */
async function collect(chunks) {
  /** @type {T[]} */
  const all = []
  for await (const chunk of chunks) all.push(...chunk)
  return all
}

/** @param {string} id */
const numberIn = (id) => Number(id.split('-')[1])
