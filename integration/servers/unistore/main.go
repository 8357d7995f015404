// Serves the TiKV protocol from PingCAP's unistore, behind a real PD: a store that this project did not write.
//
//	unistore -pd 127.0.0.1:2379 -store 127.0.0.1:20160 -dir DIR [-region-size BYTES]
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/pingcap/kvproto/pkg/kvrpcpb"
	"github.com/pingcap/kvproto/pkg/tikvpb"
	"github.com/pingcap/tidb/store/mockstore/unistore/config"
	"github.com/pingcap/tidb/store/mockstore/unistore/pd"
	"github.com/pingcap/tidb/store/mockstore/unistore/server"
	"github.com/pingcap/tidb/store/mockstore/unistore/tikv"
	"google.golang.org/grpc"
)

func main() {
	pdAddr := flag.String("pd", "127.0.0.1:2379", "address of PD")
	storeAddr := flag.String("store", "127.0.0.1:20160", "address to listen on and to announce")
	dir := flag.String("dir", "", "data directory")
	regionSize := flag.Int64("region-size", 64*config.MB, "bytes after which a region splits")
	flag.Parse()
	if err := run(*pdAddr, *storeAddr, *dir, *regionSize); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(pdAddr, storeAddr, dir string, regionSize int64) error {
	conf := config.DefaultConf
	conf.Server.PDAddr = pdAddr
	conf.Server.StoreAddr = storeAddr
	conf.Server.RegionSize = regionSize
	conf.Server.Raft = false
	conf.Engine.DBPath = dir

	pdClient, err := pd.NewClient([]string{pdAddr}, "")
	if err != nil {
		return err
	}
	// Listen first: whoever learns of the store from PD must reach it.
	listener, err := net.Listen("tcp", storeAddr)
	if err != nil {
		return err
	}
	store, err := server.New(&conf, pdClient)
	if err != nil {
		return err
	}
	grpcServer := grpc.NewServer()
	tikvpb.RegisterTikvServer(grpcServer, completed{store})

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		grpcServer.Stop()
		store.Stop()
	}()
	fmt.Println("ready")
	return grpcServer.Serve(listener)
}

// completed adds what unistore leaves out, because the only client that it was written for does without: it tells a
// missing value from an empty one, and takes CheckSecondaryLocks in a batch as well.
type completed struct{ *tikv.Server }

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
	}
	return response
}

func withNotFounds(response *kvrpcpb.PessimisticLockResponse) *kvrpcpb.PessimisticLockResponse {
	if response != nil && len(response.NotFounds) == 0 {
		for _, value := range response.Values {
			response.NotFounds = append(response.NotFounds, len(value) == 0)
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
		if check := request.GetCheckSecondaryLocks(); check != nil {
			go s.checkSecondaryLocks(batch.RequestIds[i], check)
			continue
		}
		passed.Requests = append(passed.Requests, request)
		passed.RequestIds = append(passed.RequestIds, batch.RequestIds[i])
	}
	return passed, nil
}

func (s *completedStream) checkSecondaryLocks(id uint64, request *kvrpcpb.CheckSecondaryLocksRequest) {
	response, err := s.server.KvCheckSecondaryLocks(s.Context(), request)
	if err != nil {
		return
	}
	// A stream that has ended has nobody who waits for the answer.
	_ = s.Send(&tikvpb.BatchCommandsResponse{
		RequestIds: []uint64{id},
		Responses: []*tikvpb.BatchCommandsResponse_Response{{
			Cmd: &tikvpb.BatchCommandsResponse_Response_CheckSecondaryLocks{CheckSecondaryLocks: response},
		}},
	})
}
