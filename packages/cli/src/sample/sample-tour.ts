import { hasCode } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'
import { airports, flights, movieVectors, movies, stocks, weather } from './sample-schema.js'

/** Something that was asked of the sample, and what came of it. */
export interface TourStop {
  readonly title: string
  readonly code: string
  readonly answer: readonly string[]
}

/** Three queries and a transaction, with the answers that this database gives. */
export async function tour(db: Database): Promise<TourStop[]> {
  return [await busiestFromSeattle(db), await moviesLike(db), await warmestHours(db), await crossModel(db)]
}

async function busiestFromSeattle(db: Database): Promise<TourStop> {
  const edges = await db.graph(flights).edges('SEA', { direction: 'out', types: ['FLIGHT'] })
  const busiest = edges.sort((a, b) => b.properties.count - a.properties.count).slice(0, 3)
  const rows = await db.table(airports).getMany(busiest.map((edge) => edge.to))
  return {
    title: 'Where do most flights from Seattle go? (graph and table)',
    code: `graph(flights).edges('SEA', { direction: 'out' }) → table(airports).getMany(…)`,
    answer: busiest.map(
      (edge, index) =>
        `${edge.to}  ${rows[index]?.city ?? ''}, ${rows[index]?.state ?? ''}: ${String(edge.properties.count)} flights`,
    ),
  }
}

async function moviesLike(db: Database): Promise<TourStop> {
  const [movie] = await db.collection(movies).find({ where: { Title: 'The Dark Knight' }, limit: 1 })
  const vector = movie === undefined ? undefined : await db.vectors(movieVectors).get(movie.id)
  const found =
    vector === undefined ? [] : await db.vectors(movieVectors).search({ vector: vector.vector, k: 4 })
  return {
    title: 'Which movies are most like "The Dark Knight"? (documents and vectors)',
    code: `vectors(movieVectors).search({ vector, k: 4 })`,
    answer: found
      .slice(1)
      .map(
        ({ metadata, distance }) =>
          `${metadata.title} (${metadata.genre ?? 'no genre'}), distance ${distance.toFixed(3)}`,
      ),
  }
}

async function warmestHours(db: Database): Promise<TourStop> {
  const buckets = await db.series(weather).downsample({
    tags: { location: 'Seattle', kind: 'hourly normal' },
    bucket: '1d',
    aggregates: { temperature: ['avg', 'max'] },
  })
  const warmest = buckets
    .sort((a, b) => Number(b.values['temperature']?.max) - Number(a.values['temperature']?.max))
    .slice(0, 3)
  return {
    title: 'What are the warmest days of a normal year in Seattle? (time series)',
    code: `series(weather).downsample({ bucket: '1d', aggregates: { temperature: ['avg', 'max'] } })`,
    answer: warmest.map(({ timestamp, values }) => {
      const { avg, max } = values['temperature'] ?? {}
      return `${new Date(timestamp).toISOString().slice(5, 10)}: up to ${max?.toFixed(1) ?? ''} °C, ${avg?.toFixed(1) ?? ''} °C on average`
    }),
  }
}

/** Changes all five models in one transaction, then shows that one bad write takes all the others back. */
async function crossModel(db: Database): Promise<TourStop> {
  const visit = `Visit of ${new Date(db.env.clock.nowMs()).toISOString()}`
  await db.transaction(async (tx) => {
    await tx.table(airports).update('SEA', { name: 'Seattle-Tacoma Intl' })
    await tx
      .collection(movies)
      .upsert({ id: 'visit', Title: visit, 'Major Genre': null, Director: null, 'IMDB Rating': null })
    await tx.graph(flights).updateNode('SEA', { properties: { name: 'Seattle-Tacoma Intl' } })
    await tx
      .vectors(movieVectors)
      .upsert({ id: 'visit', vector: new Float32Array(64).fill(1), metadata: { title: visit, genre: null } })
    await tx.series(stocks).append({ tags: { symbol: 'ORBIT' }, fields: { price: 1 } })
  })
  const refused = await db
    .transaction(async (tx) => {
      await tx.table(airports).update('SEA', { name: 'never seen' })
      await tx
        .graph(flights)
        .addEdge({ type: 'FLIGHT', from: 'SEA', to: 'NOWHERE', properties: { count: 1 } })
    })
    .then(
      () => 'committed, which it must not',
      (error: unknown) => (hasCode(error, 'DANGLING_EDGE') ? error.message : String(error)),
    )
  const seattle = await db.table(airports).get('SEA')
  const document = await db.collection(movies).get('visit')
  return {
    title: 'One transaction over all five models, and one that is refused',
    code: `transaction(tx => { tx.table… tx.collection… tx.graph… tx.vectors… tx.series… })`,
    answer: [
      `first: committed in every model (document "visit" is now "${document?.Title ?? ''}")`,
      `second: ${refused}`,
      `so the table still says "${seattle?.name ?? ''}"`,
    ],
  }
}
