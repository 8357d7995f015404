import { OrbitError } from '@orbit-ts/base'

/** An error of the framework or of a handler, as an `OrbitError`. */
export function fromFastify(error: unknown, bodySizeMaxMb: number): OrbitError {
  if (error instanceof OrbitError) return error
  switch (codeOf(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new OrbitError(
        'REQUEST_TOO_LARGE',
        `the request body is larger than server.body_size_max_mb = ${bodySizeMaxMb} MiB; send it in parts`,
        { limit: 'server.body_size_max_mb', bodySizeMaxMb },
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new OrbitError(
        'MEDIA_TYPE_UNSUPPORTED',
        'a request body must have the content type application/json, or one that the description of the path names',
        { field: 'content-type' },
      )
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new OrbitError('INVALID_ARGUMENT', 'the request body is not as long as content-length says', {
        field: 'content-length',
      })
    case 'FST_ERR_BAD_URL':
      return new OrbitError(
        'INVALID_ARGUMENT',
        'the path is not valid: it has a % that begins no UTF-8 sequence',
        {
          field: 'path',
        },
      )
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new OrbitError('ABORTED', 'the client closed the connection')
    default:
      return OrbitError.from(error)
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
