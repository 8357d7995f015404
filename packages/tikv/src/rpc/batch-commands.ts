import {
  decodeBatchRequest,
  decodeBatchResponse,
  encodeBatchRequest,
  encodeBatchResponse,
} from '../codec/hot/batch-codec.js'
import { method } from './define-method.js'

/** The stream that carries many commands at once; its messages hold commands that are already encoded. */
export const batchCommands = method('/tikvpb.Tikv/BatchCommands', 'duplex', [
  { encode: encodeBatchRequest, decode: decodeBatchRequest },
  { encode: encodeBatchResponse, decode: decodeBatchResponse },
])
