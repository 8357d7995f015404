import { collection, float8, graph, series, table, text, vectors } from '@orbit-ts/engine'

/** Airports of the United States by their IATA code. */
export const airports = table(
  'airports',
  {
    iata: text().primaryKey(),
    name: text().notNull(),
    city: text(),
    state: text(),
    country: text().notNull(),
    latitude: float8().notNull(),
    longitude: float8().notNull(),
  },
  {
    indexes: [{ name: 'airports_state_city', columns: ['state', 'city'] }],
    checks: [{ name: 'airports_latitude', where: { latitude: { gte: -90, lte: 90 } } }],
  },
)

/** How many flights went from airport to airport in 2008. */
export const flights = graph('flights', {
  nodes: { Airport: { properties: { name: 'string', state: 'string' } } },
  edges: { FLIGHT: { from: 'Airport', to: 'Airport', properties: { count: 'integer' }, unique: true } },
})

export interface Movie {
  readonly Title: string | null
  readonly 'Major Genre': string | null
  readonly Director: string | null
  readonly 'IMDB Rating': number | null
  readonly [attribute: string]: unknown
}

export const movies = collection<Movie>('movies', {
  indexes: [{ path: 'Major Genre' }, { path: 'Director' }, { path: 'IMDB Rating' }],
})

export const VECTOR_DIMENSION = 64

/** What a movie's title and attributes look like as numbers; see movie-vector.ts. */
export const movieVectors = vectors<{ title: string; genre: string | null }>('movie_vectors', {
  dimension: VECTOR_DIMENSION,
  metric: 'cosine',
})

/** Monthly closing prices. */
export const stocks = series('stocks', {
  tags: ['symbol'],
  fields: { price: 'float' },
})

/** Hourly normals of Seattle, and daily observations of Seattle and New York. */
export const weather = series('weather', {
  tags: ['location', 'kind'],
  fields: {
    temperature: 'float',
    pressure: 'float',
    wind: 'float',
    precipitation: 'float',
    conditions: 'text',
  },
  rollups: [{ granularity: '1d' }],
})

export const sampleSchema = [airports, flights, movies, movieVectors, stocks, weather] as const
