// Serves the TiKV protocol from PingCAP's unistore, behind a real PD: a store that this project did not write.
//
//	unistore -pd 127.0.0.1:2379 -store 127.0.0.1:20160 -dir DIR [-region-size BYTES]
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/pingcap/kvproto/pkg/tikvpb"
	"github.com/pingcap/tidb/store/mockstore/unistore/config"
	"github.com/pingcap/tidb/store/mockstore/unistore/pd"
	"github.com/pingcap/tidb/store/mockstore/unistore/server"
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
