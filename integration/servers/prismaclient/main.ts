/** What Prisma's client does against a server: `main.js URL CA_FILE`. Prints one line of JSON for each step: [name, result]. */
import { readFileSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from './generated/client.js'

const [url = '', caFile = ''] = process.argv.slice(2)
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })

function show(name: string, result: unknown): void {
  const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
  console.log(JSON.stringify([name, result], text))
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError) return error.code
    return error instanceof Error ? error.name : String(error)
  }
  return 'none'
}

/** Migrations need Prisma's schema engine, which is no npm package: the tables are as it would make them. */
async function schema(): Promise<void> {
  for (const statement of [
    'DROP TABLE IF EXISTS prisma_item, prisma_owner',
    'DROP TYPE IF EXISTS prisma_mood',
    `CREATE TYPE "prisma_mood" AS ENUM ('calm', 'wild')`,
    `CREATE TABLE "prisma_owner" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, "mood" "prisma_mood" NOT NULL DEFAULT 'calm',
       CONSTRAINT "prisma_owner_pkey" PRIMARY KEY ("id"))`,
    `CREATE TABLE "prisma_item" ("id" BIGSERIAL NOT NULL, "owner_id" INTEGER NOT NULL, "price" DECIMAL(10,2) NOT NULL,
       "weight" DOUBLE PRECISION, "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "day" DATE, "data" JSONB,
       "tags" TEXT[], "raw" BYTEA, "key" UUID NOT NULL, "is_new" BOOLEAN NOT NULL DEFAULT true,
       CONSTRAINT "prisma_item_pkey" PRIMARY KEY ("id"))`,
    'CREATE UNIQUE INDEX "prisma_owner_name_key" ON "prisma_owner"("name")',
    'CREATE INDEX "prisma_item_day_idx" ON "prisma_item"("day")',
    'CREATE UNIQUE INDEX "prisma_item_owner_id_price_key" ON "prisma_item"("owner_id", "price")',
    `ALTER TABLE "prisma_item" ADD CONSTRAINT "prisma_item_owner_id_fkey" FOREIGN KEY ("owner_id")
       REFERENCES "prisma_owner"("id") ON DELETE CASCADE ON UPDATE CASCADE`,
  ])
    await prisma.$executeRawUnsafe(statement)
}

async function changes(): Promise<void> {
  const ann = await prisma.owner.create({
    data: {
      name: 'ann',
      items: {
        create: [
          {
            price: '12.50',
            weight: 1.5,
            at: new Date('2024-02-29T12:30:15.123Z'),
            day: new Date('2024-02-29'),
            data: { a: [1, 2.5, null, 'x'] },
            tags: ['a', 'b,c', 'd"e'],
            raw: new Uint8Array([0, 1, 255]),
            key: '12345678-1234-5678-1234-567812345678',
          },
        ],
      },
    },
    include: { items: true },
  })
  show('create', { ...ann, items: ann.items.map((item) => ({ ...item, raw: [...(item.raw ?? [])] })) })
  show(
    'create many',
    await prisma.owner.createMany({ data: [{ name: 'bob', mood: 'wild' }, { name: 'cid' }] }),
  )
  show(
    'create many, skipping',
    await prisma.owner.createMany({ data: [{ name: 'bob' }, { name: 'dan' }], skipDuplicates: true }),
  )
  show('update', await prisma.owner.update({ where: { name: 'cid' }, data: { mood: 'wild' } }))
  show('update many', await prisma.owner.updateMany({ where: { mood: 'wild' }, data: { mood: 'calm' } }))
  const key = '87654321-1234-5678-1234-567812345678'
  const at = new Date('2024-03-01T00:00:00Z')
  show(
    'upsert',
    await prisma.item.upsert({
      where: { ownerId_price: { ownerId: ann.id, price: 1 } },
      create: { ownerId: ann.id, price: 1, tags: [], key, at },
      update: { isNew: false },
    }),
  )
  show('delete', await prisma.owner.delete({ where: { name: 'dan' } }))
}

async function questions(): Promise<void> {
  show(
    'find many',
    await prisma.owner.findMany({
      where: {
        OR: [{ name: { startsWith: 'a' } }, { items: { none: {} } }],
        NOT: { name: { contains: 'CID', mode: 'insensitive' } },
      },
      orderBy: [{ name: 'desc' }],
      select: {
        name: true,
        items: { select: { price: true }, orderBy: { price: 'asc' } },
        _count: { select: { items: true } },
      },
    }),
  )
  show(
    'page',
    await prisma.owner.findMany({ orderBy: { id: 'asc' }, skip: 1, take: 1, select: { name: true } }),
  )
  show(
    'cursor',
    await prisma.owner.findMany({ cursor: { name: 'bob' }, orderBy: { id: 'asc' }, select: { name: true } }),
  )
  show(
    'json',
    await prisma.item.findMany({ where: { data: { path: ['a', '1'], equals: 2.5 } }, select: { id: true } }),
  )
  show(
    'arrays',
    await prisma.item.findMany({ where: { tags: { hasSome: ['b,c', 'z'] } }, select: { id: true } }),
  )
  show(
    'aggregate',
    await prisma.item.aggregate({ _sum: { price: true, weight: true }, _avg: { price: true }, _count: true }),
  )
  show(
    'group',
    await prisma.owner.groupBy({
      by: ['mood'],
      _count: { _all: true },
      having: { id: { _count: { gt: 1 } } },
    }),
  )
  show('in', await prisma.owner.count({ where: { id: { in: Array.from({ length: 1000 }, (_, n) => n) } } }))
  show(
    'raw',
    await prisma.$queryRaw`SELECT ${1}::int AS a, ${'x'} AS b, ${new Date(0)}::timestamptz AS c, 1.50::numeric AS d, 2::bigint AS e`,
  )
}

async function transactions(): Promise<void> {
  const rename = (name: string, to: string) => prisma.owner.update({ where: { name }, data: { name: to } })
  show('batch', (await prisma.$transaction([rename('bob', 'bea'), prisma.owner.count()]))[1])
  show('batch undone', await errorOf(prisma.$transaction([rename('bea', 'eve'), rename('nobody', 'x')])))
  const interactive = prisma.$transaction(
    async (inner) => {
      await inner.owner.create({ data: { name: 'undone' } })
      throw new TypeError('undo')
    },
    { isolationLevel: 'Serializable' },
  )
  show('interactive undone', await errorOf(interactive))
  show('kept', await prisma.owner.findMany({ orderBy: { id: 'asc' }, select: { name: true } }))
}

async function errors(): Promise<void> {
  show('unique', await errorOf(prisma.owner.create({ data: { name: 'ann' } })))
  show('foreign key', await errorOf(prisma.item.create({ data: { ownerId: 999, price: 1 } })))
  show('not found', await errorOf(prisma.owner.delete({ where: { id: 999 } })))
  show('too long', await errorOf(prisma.$executeRaw`UPDATE prisma_item SET price = 1e12`))
  show('no table', await errorOf(prisma.$queryRaw`SELECT * FROM prisma_nothing`))
}

async function encrypted(): Promise<void> {
  const { hostname, port, username, pathname } = new URL(url)
  const adapter = new PrismaPg({
    host: hostname,
    port: Number(port),
    user: username,
    database: pathname.slice(1),
    ssl: { ca: readFileSync(caFile, 'utf8'), servername: 'localhost' },
  })
  const secure = new PrismaClient({ adapter })
  show('encrypted', await secure.owner.count())
  await secure.$disconnect()
}

try {
  await schema()
  await changes()
  await questions()
  await transactions()
  await errors()
  await encrypted()
} finally {
  await prisma.$disconnect()
}
