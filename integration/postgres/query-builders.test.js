// @ts-check
/** Kysely and Drizzle: schema, migrations, queries and what they make of errors. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { and, desc, eq, gt, relations, sql as drizzleSql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import {
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  serial,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import pg from 'pg'
import { onEachServer } from './servers.js'

/**
 * @typedef {import('kysely').Generated<number>} Id
 * @typedef {{ person: { id: Id, name: string, age: number | null }, pet: { id: Id, owner_id: number, name: string } }} Tables
 */

/** @param {Promise<unknown>} work */
async function causeOf(work) {
  try {
    await work
  } catch (error) {
    const { cause } = /** @type {Error} */ (error)
    const { code, constraint } = /** @type {pg.DatabaseError} */ (cause ?? error)
    return { code, constraint }
  }
  return undefined
}

onEachServer('Kysely', (server) => {
  /** @type {Kysely<Tables>} */
  let db

  const migrations = {
    '001_people': {
      up: async (/** @type {Kysely<never>} */ schema) => {
        await schema.schema
          .createTable('person')
          .addColumn('id', 'serial', (column) => column.primaryKey())
          .addColumn('name', 'varchar(50)', (column) => column.notNull().unique())
          .addColumn('age', 'integer', (column) => column.check(sql`age >= 0`))
          .execute()
      },
      down: async (/** @type {Kysely<never>} */ schema) => {
        await schema.schema.dropTable('person').execute()
      },
    },
    '002_pets': {
      up: async (/** @type {Kysely<never>} */ schema) => {
        await schema.schema
          .createTable('pet')
          .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
          .addColumn('owner_id', 'integer', (column) =>
            column.references('person.id').onDelete('cascade').notNull(),
          )
          .addColumn('name', 'text', (column) => column.notNull())
          .execute()
        await schema.schema.createIndex('pet_owner').on('pet').column('owner_id').execute()
      },
      down: async (/** @type {Kysely<never>} */ schema) => {
        await schema.schema.dropTable('pet').execute()
      },
    },
  }

  before(() => {
    db = new Kysely({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server().url, max: 4 }) }),
    })
  })
  after(() => db.destroy())

  test('migrates up, down and up again', async () => {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
    const names = (/** @type {import('kysely').MigrationResultSet} */ { error, results = [] }) => {
      assert.equal(error, undefined)
      return results.map(({ migrationName, status }) => `${migrationName} ${status}`)
    }
    assert.deepEqual(names(await migrator.migrateToLatest()), ['001_people Success', '002_pets Success'])
    assert.deepEqual(names(await migrator.migrateDown()), ['002_pets Success'])
    assert.deepEqual(names(await migrator.migrateToLatest()), ['002_pets Success'])
    assert.deepEqual(
      (await db.introspection.getTables()).map(({ name, columns }) => [
        name,
        columns.map(
          (column) =>
            `${column.name} ${column.dataType}${column.isNullable ? '' : ' not null'}${column.isAutoIncrementing ? ' auto' : ''}`,
        ),
      ]),
      [
        ['person', ['id int4 not null auto', 'name varchar not null', 'age int4']],
        ['pet', ['id int4 not null auto', 'owner_id int4 not null', 'name text not null']],
      ],
    )
  })

  test('builds queries', async () => {
    const people = await db
      .insertInto('person')
      .values([
        { name: 'ann', age: 30 },
        { name: 'bob', age: null },
      ])
      .returning(['id', 'name'])
      .execute()
    assert.deepEqual(people, [
      { id: 1, name: 'ann' },
      { id: 2, name: 'bob' },
    ])
    await db
      .insertInto('pet')
      .values([
        { owner_id: 1, name: 'rex' },
        { owner_id: 1, name: 'tom' },
      ])
      .execute()
    const upserted = await db
      .insertInto('person')
      .values({ name: 'bob', age: 7 })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((row) => ({ age: row.ref('excluded.age') })),
      )
      .returningAll()
      .executeTakeFirstOrThrow()
    assert.deepEqual(upserted, { id: 2, name: 'bob', age: 7 })
    const nested = await db
      .selectFrom('person')
      .select((row) => [
        'person.name',
        jsonArrayFrom(
          row
            .selectFrom('pet')
            .select('pet.name')
            .whereRef('pet.owner_id', '=', 'person.id')
            .orderBy('pet.name'),
        ).as('pets'),
      ])
      .orderBy('person.id')
      .execute()
    assert.deepEqual(nested, [
      { name: 'ann', pets: [{ name: 'rex' }, { name: 'tom' }] },
      { name: 'bob', pets: [] },
    ])
    const counted = await db
      .with('owners', (query) => query.selectFrom('pet').select('owner_id').distinct())
      .selectFrom('owners')
      .innerJoin('person', 'person.id', 'owners.owner_id')
      .select(({ fn }) => fn.count('person.id').as('n'))
      .executeTakeFirstOrThrow()
    assert.equal(counted.n, '1')
    const { numDeletedRows } = await db.deleteFrom('person').where('age', '<', 10).executeTakeFirst()
    assert.equal(numDeletedRows, 1n)
  })

  test('transactions', async () => {
    await assert.rejects(
      db
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (tx) => {
          await tx.insertInto('person').values({ name: 'undone' }).execute()
          throw new Error('undo')
        }),
      /undo/,
    )
    assert.deepEqual(await db.selectFrom('person').select('name').execute(), [{ name: 'ann' }])
    assert.deepEqual(await causeOf(db.insertInto('person').values({ name: 'ann' }).execute()), {
      code: '23505',
      constraint: 'person_name_key',
    })
  })
})

const level = pgEnum('level', ['low', 'high'])
const users = pgTable(
  'users',
  {
    id: serial('id').primaryKey(),
    email: text('email').notNull(),
    level: level('level').default('low').notNull(),
    balance: numeric('balance', { precision: 10, scale: 2 }),
    data: jsonb('data'),
    createdAt: timestamp('created_at', { withTimezone: true }).defaultNow().notNull(),
  },
  (table) => [uniqueIndex('users_email').on(table.email)],
)
const posts = pgTable('posts', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  author: integer('author')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
})
const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }))
const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.author], references: [users.id] }),
}))

/** As drizzle-kit writes them. */
const DRIZZLE_MIGRATION = `CREATE TYPE "public"."level" AS ENUM('low', 'high');--> statement-breakpoint
CREATE TABLE "users" (
	"id" serial PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"level" "level" DEFAULT 'low' NOT NULL,
	"balance" numeric(10, 2),
	"data" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "posts" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"author" integer NOT NULL,
	"title" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_users_id_fk" FOREIGN KEY ("author") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree ("email");
`

onEachServer('Drizzle', (server) => {
  /** @type {pg.Pool} */
  let pool
  /** @type {string} */
  let folder
  const open = () => drizzle(pool, { schema: { users, posts, usersRelations, postsRelations } })

  before(() => {
    pool = new pg.Pool({ connectionString: server().url, max: 4 })
    folder = mkdtempSync(join(tmpdir(), 'orbit-drizzle-'))
    mkdirSync(join(folder, 'meta'))
    writeFileSync(join(folder, '0000_first.sql'), DRIZZLE_MIGRATION)
    const entries = [{ idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_first', breakpoints: true }]
    writeFileSync(
      join(folder, 'meta', '_journal.json'),
      JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
    )
  })
  after(async () => {
    await pool.end()
    rmSync(folder, { recursive: true })
  })

  test('migrates, once', async () => {
    await migrate(open(), { migrationsFolder: folder })
    await migrate(open(), { migrationsFolder: folder })
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations')
    assert.deepEqual(rows, [{ n: 1 }])
  })

  test('queries, with relations', async () => {
    const db = open()
    const inserted = await db
      .insert(users)
      .values([
        { email: 'a@x', balance: '12.50', data: { a: 1 } },
        { email: 'b@x', level: 'high' },
      ])
      .returning({ id: users.id, level: users.level })
    assert.deepEqual(inserted, [
      { id: 1, level: 'low' },
      { id: 2, level: 'high' },
    ])
    await db.insert(posts).values([
      { author: 1, title: 'first' },
      { author: 1, title: 'second' },
    ])
    const found = await db.query.users.findMany({
      columns: { email: true, balance: true, data: true },
      with: { posts: { columns: { title: true }, orderBy: desc(posts.title) } },
      orderBy: users.id,
    })
    assert.deepEqual(found, [
      { email: 'a@x', balance: '12.50', data: { a: 1 }, posts: [{ title: 'second' }, { title: 'first' }] },
      { email: 'b@x', balance: null, data: null, posts: [] },
    ])
    const joined = await db
      .select({ title: posts.title, email: users.email })
      .from(posts)
      .innerJoin(users, eq(posts.author, users.id))
      .where(and(gt(posts.id, 1), eq(users.level, 'low')))
    assert.deepEqual(joined, [{ title: 'second', email: 'a@x' }])
    await db
      .insert(users)
      .values({ email: 'b@x', balance: '1' })
      .onConflictDoUpdate({ target: users.email, set: { balance: drizzleSql`excluded.balance + 1` } })
    const [updated] = await db.select({ balance: users.balance }).from(users).where(eq(users.email, 'b@x'))
    assert.deepEqual(updated, { balance: '2.00' })
    const prepared = db
      .select({ id: users.id })
      .from(users)
      .where(eq(users.email, drizzleSql.placeholder('email')))
      .prepare('by_email')
    assert.deepEqual(await prepared.execute({ email: 'a@x' }), [{ id: 1 }])
    assert.deepEqual(await prepared.execute({ email: 'b@x' }), [{ id: 2 }])
  })

  test('transactions and errors', async () => {
    const db = open()
    assert.deepEqual(await causeOf(db.insert(users).values({ email: 'a@x' })), {
      code: '23505',
      constraint: 'users_email',
    })
    assert.deepEqual(await causeOf(db.insert(posts).values({ author: 99, title: 'x' })), {
      code: '23503',
      constraint: 'posts_author_users_id_fk',
    })
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.insert(users).values({ email: 'c@x' })
        await tx.transaction(async (inner) => {
          await inner.insert(users).values({ email: 'd@x' })
        })
        tx.rollback()
      }),
    )
    assert.equal(await db.$count(users), 2)
  })
})
