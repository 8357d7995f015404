import { KeyspaceIdentity } from '../../gen/apipb.js'
import { ResourceControlContext, SourceStmt, type Context } from '../../gen/kvrpcpb.js'
import type { Peer, RegionEpoch } from '../../gen/metapb.js'
import { TraceContext } from '../../gen/tracepb.js'
import type { WireWriter } from './wire-writer.js'

/** `kvrpcpb.Context` as field 1 of a request, where every request has it. */
export function writeContext(writer: WireWriter, context: Context | undefined): void {
  if (context === undefined) return
  const at = writer.open(10)
  writer.uint64Field(8, context.regionId)
  if (context.regionEpoch !== undefined) writeEpoch(writer, context.regionEpoch)
  if (context.peer !== undefined) writePeer(writer, context.peer)
  writer.uint64Field(40, context.term)
  writer.uint32Field(48, context.priority)
  writer.uint32Field(56, context.isolationLevel)
  writer.boolField(64, context.notFillCache)
  writer.boolField(72, context.syncLog)
  writer.boolField(80, context.recordTimeStat)
  writer.boolField(88, context.recordScanStat)
  writer.boolField(96, context.replicaRead)
  writer.uint64ListField(106, context.resolvedLocks)
  writer.uint64Field(112, context.maxExecutionDurationMs)
  writer.uint64Field(120, context.appliedIndex)
  writer.uint64Field(128, context.taskId)
  writer.boolField(136, context.staleRead)
  writer.bytesField(146, context.resourceGroupTag)
  writer.uint32Field(152, context.diskFullOpt)
  writer.boolField(160, context.isRetryRequest)
  writer.uint32Field(168, context.apiVersion)
  writer.uint64ListField(178, context.committedLocks)
  writeSource(writer, context)
  writer.close(at)
}

/** The fields from 23 on: where a request comes from, and its keyspace. */
function writeSource(writer: WireWriter, context: Context): void {
  const { traceContext, resourceControlContext, sourceStmt, keyspaceIdentity } = context
  if (traceContext !== undefined) writer.bytesItem(186, TraceContext.encode(traceContext).finish())
  writer.stringField(194, context.requestSource)
  writer.uint64Field(200, context.txnSource)
  writer.uint32Field(216, context.busyThresholdMs)
  if (resourceControlContext !== undefined)
    writer.bytesItem(226, ResourceControlContext.encode(resourceControlContext).finish())
  writer.uint32Field(232, context.requestOrigin)
  writer.stringField(250, context.keyspaceName)
  // Present although it is 0: that is the id of the default keyspace.
  if (context.keyspaceId !== undefined) writer.uint32(256, context.keyspaceId)
  writer.uint64Field(264, context.bucketsVersion)
  if (sourceStmt !== undefined) writer.bytesItem(274, SourceStmt.encode(sourceStmt).finish())
  writer.uint64Field(280, context.clusterId)
  writer.bytesField(290, context.traceId)
  writer.uint64Field(296, context.traceControlFlags)
  if (keyspaceIdentity !== undefined)
    writer.bytesItem(306, KeyspaceIdentity.encode(keyspaceIdentity).finish())
}

function writeEpoch(writer: WireWriter, epoch: RegionEpoch): void {
  const at = writer.open(18)
  writer.uint64Field(8, epoch.confVer)
  writer.uint64Field(16, epoch.version)
  writer.close(at)
}

function writePeer(writer: WireWriter, peer: Peer): void {
  const at = writer.open(26)
  writer.uint64Field(8, peer.id)
  writer.uint64Field(16, peer.storeId)
  writer.uint32Field(24, peer.role)
  writer.boolField(32, peer.isWitness)
  writer.close(at)
}
