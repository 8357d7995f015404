package main

import (
	"bytes"
	"context"
	"math"
	"sync"

	"github.com/pingcap/kvproto/pkg/kvrpcpb"
	"github.com/pingcap/kvproto/pkg/tikvpb"
	"github.com/pingcap/tidb/store/mockstore/unistore/tikv"
)

// completed adds what unistore leaves out, because the only client that it was written for does without: it keeps empty
// values and tells them from missing ones, scans backwards at the timestamp that it is given, leaves out values that were
// not asked for, and takes CheckSecondaryLocks in a batch as well.
type completed struct{ *tikv.Server }

// emptyValue stands for an empty value, which unistore takes for a deleted one. Index entries may have values of up to
// seven bytes without being taken for those of another kind.
var emptyValue = []byte("\xffempty\xff")

func (c completed) KvPrewrite(
	ctx context.Context, req *kvrpcpb.PrewriteRequest,
) (*kvrpcpb.PrewriteResponse, error) {
	keepEmpty(req)
	return c.Server.KvPrewrite(ctx, req)
}

func (c completed) KvBatchGet(
	ctx context.Context, req *kvrpcpb.BatchGetRequest,
) (*kvrpcpb.BatchGetResponse, error) {
	response, err := c.Server.KvBatchGet(ctx, req)
	restoreEmpty(response.GetPairs())
	return response, err
}

func (c completed) KvScan(ctx context.Context, req *kvrpcpb.ScanRequest) (*kvrpcpb.ScanResponse, error) {
	response, err := c.Server.KvScan(ctx, forwards(req))
	if err != nil {
		return nil, err
	}
	pairs := response.Pairs
	restoreEmpty(pairs)
	if req.Reverse {
		for i, j := 0, len(pairs)-1; i < j; i, j = i+1, j-1 {
			pairs[i], pairs[j] = pairs[j], pairs[i]
		}
		if len(pairs) > int(req.Limit) {
			response.Pairs = pairs[:req.Limit]
		}
	}
	if req.KeyOnly {
		for _, pair := range pairs {
			pair.Value = nil
		}
	}
	return response, nil
}

// forwards reads the same range as a scan backwards does, to its end. Backwards unistore reads what is newest.
func forwards(req *kvrpcpb.ScanRequest) *kvrpcpb.ScanRequest {
	if !req.Reverse {
		return req
	}
	forward := *req
	forward.Reverse = false
	forward.StartKey, forward.EndKey = req.EndKey, req.StartKey
	forward.Limit = math.MaxInt32
	return &forward
}

func keepEmpty(req *kvrpcpb.PrewriteRequest) {
	for _, mutation := range req.GetMutations() {
		writes := mutation.Op == kvrpcpb.Op_Put || mutation.Op == kvrpcpb.Op_Insert
		if writes && len(mutation.Value) == 0 {
			mutation.Value = emptyValue
		}
	}
}

func restoreEmpty(pairs []*kvrpcpb.KvPair) {
	for _, pair := range pairs {
		pair.Value = restored(pair.Value)
	}
}

func restored(value []byte) []byte {
	if bytes.Equal(value, emptyValue) {
		return []byte{}
	}
	return value
}

func (c completed) KvGet(ctx context.Context, req *kvrpcpb.GetRequest) (*kvrpcpb.GetResponse, error) {
	response, err := c.Server.KvGet(ctx, req)
	return withNotFound(response), err
}

func (c completed) KvPessimisticLock(
	ctx context.Context, req *kvrpcpb.PessimisticLockRequest,
) (*kvrpcpb.PessimisticLockResponse, error) {
	response, err := c.Server.KvPessimisticLock(ctx, req)
	return withNotFounds(response), err
}

func (c completed) BatchCommands(stream tikvpb.Tikv_BatchCommandsServer) error {
	return c.Server.BatchCommands(&completedStream{Tikv_BatchCommandsServer: stream, server: c.Server})
}

func withNotFound(response *kvrpcpb.GetResponse) *kvrpcpb.GetResponse {
	if response != nil && response.Error == nil && response.RegionError == nil {
		response.NotFound = len(response.Value) == 0
		response.Value = restored(response.Value)
	}
	return response
}

func withNotFounds(response *kvrpcpb.PessimisticLockResponse) *kvrpcpb.PessimisticLockResponse {
	if response != nil && len(response.NotFounds) == 0 {
		for i, value := range response.Values {
			response.NotFounds = append(response.NotFounds, len(value) == 0)
			response.Values[i] = restored(value)
		}
	}
	return response
}

type completedStream struct {
	tikvpb.Tikv_BatchCommandsServer
	server  *tikv.Server
	sending sync.Mutex
}

func (s *completedStream) Send(batch *tikvpb.BatchCommandsResponse) error {
	for _, response := range batch.Responses {
		withNotFound(response.GetGet())
		withNotFounds(response.GetPessimisticLock())
		restoreEmpty(response.GetBatchGet().GetPairs())
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.Tikv_BatchCommandsServer.Send(batch)
}

func (s *completedStream) Recv() (*tikvpb.BatchCommandsRequest, error) {
	batch, err := s.Tikv_BatchCommandsServer.Recv()
	if err != nil {
		return nil, err
	}
	passed := &tikvpb.BatchCommandsRequest{}
	for i, request := range batch.Requests {
		id := batch.RequestIds[i]
		if check := request.GetCheckSecondaryLocks(); check != nil {
			go s.checkSecondaryLocks(id, check)
			continue
		}
		if scan := request.GetScan(); scan != nil {
			go s.scan(id, scan)
			continue
		}
		keepEmpty(request.GetPrewrite())
		passed.Requests = append(passed.Requests, request)
		passed.RequestIds = append(passed.RequestIds, id)
	}
	return passed, nil
}

func (s *completedStream) scan(id uint64, request *kvrpcpb.ScanRequest) {
	response, err := completed{s.server}.KvScan(s.Context(), request)
	if err != nil {
		return
	}
	s.answer(id, &tikvpb.BatchCommandsResponse_Response{
		Cmd: &tikvpb.BatchCommandsResponse_Response_Scan{Scan: response},
	})
}

func (s *completedStream) checkSecondaryLocks(id uint64, request *kvrpcpb.CheckSecondaryLocksRequest) {
	response, err := s.server.KvCheckSecondaryLocks(s.Context(), request)
	if err != nil {
		return
	}
	s.answer(id, &tikvpb.BatchCommandsResponse_Response{
		Cmd: &tikvpb.BatchCommandsResponse_Response_CheckSecondaryLocks{CheckSecondaryLocks: response},
	})
}

func (s *completedStream) answer(id uint64, response *tikvpb.BatchCommandsResponse_Response) {
	// A stream that has ended has nobody who waits for the answer.
	_ = s.Send(&tikvpb.BatchCommandsResponse{
		RequestIds: []uint64{id},
		Responses:  []*tikvpb.BatchCommandsResponse_Response{response},
	})
}
