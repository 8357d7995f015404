/** The part of libpg-query's WebAssembly module that is used; the package has types for its wrapper only. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface PgQueryInstance {
    readonly HEAPU8: Uint8Array
    _malloc(size: number): number
    _free(pointer: number): void
    _wasm_parse_query_raw(text: number): number
    _wasm_free_parse_result(result: number): void
    getValue(pointer: number, type: 'i32'): number
    lengthBytesUTF8(text: string): number
    stringToUTF8(text: string, pointer: number, capacity: number): void
    UTF8ToString(pointer: number): string
  }

  function createInstance(): Promise<PgQueryInstance>
  export { createInstance as default }
}
