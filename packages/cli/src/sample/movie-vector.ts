import { VECTOR_DIMENSION, type Movie } from './sample-schema.js'

/**
 * A movie as a vector without any model to download: the letter groups of its title and its attributes, each hashed to
 * a place and a sign ("feature hashing"), so that movies that share many of them point in similar directions.
 */
export function movieVector(movie: Movie): Float32Array {
  const vector = new Float32Array(VECTOR_DIMENSION)
  for (const group of letterGroups(movie.Title ?? '')) add(vector, `title:${group}`, 1)
  for (const attribute of [
    'Major Genre',
    'Creative Type',
    'Source',
    'MPAA Rating',
    'Director',
    'Distributor',
  ]) {
    const value = movie[attribute]
    if (typeof value === 'string') add(vector, `${attribute}:${value}`, attribute === 'Major Genre' ? 3 : 2)
  }
  // A movie without title and attributes still needs a direction.
  if (vector.every((value) => value === 0)) add(vector, 'nothing known', 1)
  return vector
}

function* letterGroups(title: string): Iterable<string> {
  const padded = ` ${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `
  for (let i = 0; i + 3 <= padded.length; i++) yield padded.slice(i, i + 3)
}

function add(vector: Float32Array, feature: string, weight: number): void {
  const hash = fnv1a(feature)
  const place = hash % VECTOR_DIMENSION
  const sign = (hash & 0x8000_0000) === 0 ? 1 : -1
  vector[place] = (vector[place] ?? 0) + sign * weight
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
