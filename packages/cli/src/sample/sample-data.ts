import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OrbitError } from '@orbit-ts/base'
import { parse } from 'csv-parse/sync'
import type { Movie } from './sample-schema.js'

/** A line of a CSV file by the names in its first line. */
export type CsvRow = Readonly<Record<string, string>>

/** The files of the npm package `vega-datasets`. */
export class SampleFiles {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws STORAGE_UNAVAILABLE when the package is not installed */
  static find(): SampleFiles {
    try {
      const main = createRequire(import.meta.url).resolve('vega-datasets')
      return new SampleFiles(join(dirname(main), '..', 'data'))
    } catch (cause) {
      throw new OrbitError(
        'STORAGE_UNAVAILABLE',
        'the sample needs the npm package vega-datasets, a development dependency of this repository; run `npm ci`, or `npm install vega-datasets`',
        {},
        { cause },
      )
    }
  }

  async csv(name: string): Promise<CsvRow[]> {
    return parse(await readFile(join(this.#folder, name)), {
      columns: true,
      skip_empty_lines: true,
      bom: true,
    })
  }

  async movies(): Promise<Movie[]> {
    const movies = JSON.parse(await readFile(join(this.#folder, 'movies.json'), 'utf8')) as Record<
      string,
      unknown
    >[]
    // A few titles are numbers in the file ("1776").
    const titleOf = (title: unknown): string | null =>
      typeof title === 'number' ? String(title) : (title as string | null)
    return movies.map((movie) => ({ ...movie, Title: titleOf(movie['Title']) }) as Movie)
  }
}
