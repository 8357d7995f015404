import type { Database } from '@orbit-ts/engine'
import { movieVector } from './movie-vector.js'
import type { CsvRow, SampleFiles } from './sample-data.js'
import { airports, flights, movieVectors, movies, sampleSchema, stocks, weather } from './sample-schema.js'

/** Told how far each part is: `done` of `total` records. */
export type Progress = (part: string, done: number, total: number) => void

export interface LoadedPart {
  readonly part: string
  /** What it became, for example `relational table "airports"`. */
  readonly target: string
  readonly records: number
  /** False when it was there already. */
  readonly loaded: boolean
}

const BATCH = 500

/** Loads what is missing of the sample; each part in transactions of 500 records. */
export async function loadSample(
  db: Database,
  files: SampleFiles,
  progress: Progress,
): Promise<LoadedPart[]> {
  await db.apply(sampleSchema)
  const airportRows = (await files.csv('airports.csv')).map(airportOf)
  const flightRows = await files.csv('flights-airport.csv')
  const movieDocs = (await files.movies()).map((movie, index) => ({ id: `movie-${index + 1}`, ...movie }))
  const stockRows = (await files.csv('stocks.csv')).map(stockOf)
  const hourly = (await files.csv('seattle-weather-hourly-normals.csv')).map(hourlyOf)
  const daily = (await files.csv('weather.csv')).map(dailyOf)
  const known = new Set(airportRows.map((row) => row.iata))
  const edges = flightRows
    .filter((row) => known.has(row['origin'] ?? '') && known.has(row['destination'] ?? ''))
    .map((row) => ({
      type: 'FLIGHT' as const,
      from: row['origin'] ?? '',
      to: row['destination'] ?? '',
      properties: { count: Number(row['count']) },
    }))
  const ends = new Set(edges.flatMap((edge) => [edge.from, edge.to]))
  const nodes = airportRows
    .filter((row) => ends.has(row.iata))
    .map((row) => ({
      id: row.iata,
      labels: ['Airport' as const],
      properties: { name: row.name, state: row.state ?? '' },
    }))
  const vectorRecords = movieDocs.map((movie) => ({
    id: movie.id,
    vector: movieVector(movie),
    metadata: { title: movie.Title ?? '', genre: movie['Major Genre'] },
  }))

  const load = loader(db, progress)
  return [
    await load(
      'airports.csv',
      'relational table "airports"',
      airportRows,
      () => db.table(airports).count(),
      (tx, batch) => tx.table(airports).insertMany(batch),
    ),
    await load(
      'airports with flights',
      'nodes of graph "flights"',
      nodes,
      () => db.graph(flights).countNodes(),
      (tx, batch) => tx.graph(flights).addNodes(batch),
    ),
    await load(
      'flights-airport.csv',
      'edges of graph "flights"',
      edges,
      () => db.graph(flights).countEdges(),
      (tx, batch) => tx.graph(flights).addEdges(batch),
    ),
    await load(
      'movies.json',
      'document collection "movies"',
      movieDocs,
      () => db.collection(movies).count(),
      (tx, batch) => tx.collection(movies).insertMany(batch),
    ),
    await load(
      'movie attributes',
      'vector collection "movie_vectors"',
      vectorRecords,
      () => db.vectors(movieVectors).count(),
      (tx, batch) => tx.vectors(movieVectors).upsertMany(batch),
    ),
    await load(
      'stocks.csv',
      'time series "stocks"',
      stockRows,
      () => db.series(stocks).count(),
      (tx, batch) => tx.series(stocks).appendMany(batch),
    ),
    await load(
      'hourly weather',
      'time series "weather"',
      hourly,
      () => db.series(weather).count({ tags: { kind: 'hourly normal' } }),
      (tx, batch) => tx.series(weather).appendMany(batch),
    ),
    await load(
      'daily weather',
      'time series "weather"',
      daily,
      () => db.series(weather).count({ tags: { kind: 'daily' } }),
      (tx, batch) => tx.series(weather).appendMany(batch),
    ),
  ]
}

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

function loader(
  db: Database,
  progress: Progress,
): <T>(
  part: string,
  target: string,
  records: readonly T[],
  present: () => Promise<number>,
  store: (tx: Transaction, batch: T[]) => Promise<unknown>,
) => Promise<LoadedPart> {
  return async (part, target, records, present, store) => {
    // Batches are stored in order, so what is there already is the beginning.
    const start = await present()
    for (let from = start; from < records.length; from += BATCH) {
      const batch = records.slice(from, from + BATCH)
      await db.transaction((tx) => store(tx, batch))
      progress(part, from + batch.length, records.length)
    }
    return { part, target, records: records.length, loaded: start < records.length }
  }
}

function airportOf(row: CsvRow): {
  iata: string
  name: string
  city: string | null
  state: string | null
  country: string
  latitude: number
  longitude: number
} {
  return {
    iata: row['iata'] ?? '',
    name: row['name'] ?? '',
    city: known(row['city']),
    state: known(row['state']),
    country: row['country'] ?? '',
    latitude: Number(row['latitude']),
    longitude: Number(row['longitude']),
  }
}

/** The file writes NA where it knows no city or state. */
function known(value: string | undefined): string | null {
  return value === undefined || value === 'NA' || value === '' ? null : value
}

function stockOf(row: CsvRow): { timestamp: number; tags: { symbol: string }; fields: { price: number } } {
  return {
    timestamp: Date.parse(`${row['date']} UTC`),
    tags: { symbol: row['symbol'] ?? '' },
    fields: { price: Number(row['price']) },
  }
}

function hourlyOf(row: CsvRow): {
  timestamp: number
  tags: { location: string; kind: string }
  fields: { temperature: number; pressure: number; wind: number }
} {
  return {
    timestamp: Date.parse(`${row['date']}Z`),
    tags: { location: 'Seattle', kind: 'hourly normal' },
    fields: {
      temperature: Number(row['temperature']),
      pressure: Number(row['pressure']),
      wind: Number(row['wind']),
    },
  }
}

function dailyOf(row: CsvRow): {
  timestamp: number
  tags: { location: string; kind: string }
  fields: { temperature: number; wind: number; precipitation: number; conditions: string }
} {
  return {
    timestamp: Date.parse(`${row['date']}T00:00:00Z`),
    tags: { location: row['location'] ?? '', kind: 'daily' },
    fields: {
      temperature: Number(row['temp_max']),
      wind: Number(row['wind']),
      precipitation: Number(row['precipitation']),
      conditions: row['weather'] ?? '',
    },
  }
}
