/** The part of the package that is used here; it comes without types. */
declare module 'cli-progress' {
  export interface BarOptions {
    readonly format?:
      string | ((options: unknown, params: { readonly progress: number }, payload: object) => string)
    readonly stream?: NodeJS.WritableStream
    readonly clearOnComplete?: boolean
    readonly hideCursor?: boolean
    readonly barsize?: number
    readonly fps?: number
  }

  export class SingleBar {
    constructor(options: BarOptions)
    start(total: number, value: number, payload?: object): void
    update(value: number, payload?: object): void
    stop(): void
  }
}
