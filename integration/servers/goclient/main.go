// The Go client of TiKV, driven line by line; integration/tikv/harness/driver.js tells the commands.
//
//	goclient PD_ADDRESS...
//
// ORBIT_TIKV_API is the API version of the cluster (v1, v1ttl, v2), ORBIT_TIKV_KEYSPACE the keyspace of v2.
//
// Transactions stay open under a name until they are committed, rolled back, or the process is killed, which is how
// locks are left behind.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/pingcap/kvproto/pkg/kvrpcpb"
	"github.com/pingcap/log"
	"github.com/tikv/client-go/v2/config"
	tikverr "github.com/tikv/client-go/v2/error"
	"github.com/tikv/client-go/v2/kv"
	"github.com/tikv/client-go/v2/rawkv"
	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/txnkv/transaction"
	"github.com/tikv/client-go/v2/util"
	pd "github.com/tikv/pd/client"
	"github.com/tikv/pd/client/opt"
	"github.com/tikv/pd/client/pkg/caller"
	"go.uber.org/zap/zapcore"
)

type command struct {
	Op      string   `json:"op"`
	Txn     string   `json:"txn"`
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	End     string   `json:"end"`
	Keys    []string `json:"keys"`
	Values  []string `json:"values"`
	Limit   int      `json:"limit"`
	Mode    string   `json:"mode"`
	Callers int      `json:"callers"`
	Seconds float64  `json:"seconds"`
	Size    int      `json:"size"`
	TTL     uint64   `json:"ttl"`
}

type answer struct {
	Ok     bool       `json:"ok"`
	Error  string     `json:"error,omitempty"`
	Kind   string     `json:"kind,omitempty"`
	Value  *string    `json:"value,omitempty"`
	Pairs  [][]string `json:"pairs,omitempty"`
	Ts     string     `json:"ts,omitempty"`
	Result any        `json:"result,omitempty"`
}

type session struct {
	txn  *tikv.KVStore
	raw  *rawkv.Client
	open map[string]*transaction.KVTxn
	pd   []string
}

func main() {
	// Standard output is for answers.
	errors := zapcore.AddSync(os.Stderr)
	logger, properties, err := log.InitLoggerWithWriteSyncer(&log.Config{Level: "fatal"}, errors, errors)
	if err != nil {
		panic(err)
	}
	log.ReplaceGlobals(logger, properties)
	s := &session{open: map[string]*transaction.KVTxn{}, pd: os.Args[1:]}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var c command
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			_ = out.Encode(answer{Error: err.Error()})
			continue
		}
		a, err := s.run(context.Background(), c)
		if err != nil {
			a.Error = err.Error()
			if a.Kind == "" {
				a.Kind = kindOf(err)
			}
		} else {
			a.Ok = true
		}
		_ = out.Encode(a)
	}
}

func kindOf(err error) string {
	var conflict *tikverr.ErrWriteConflict
	var deadlock *tikverr.ErrDeadlock
	var exists *tikverr.ErrKeyExist
	switch {
	case errors.As(err, &conflict):
		return "conflict"
	case errors.As(err, &deadlock):
		return "deadlock"
	case errors.As(err, &exists):
		return "exists"
	case tikverr.IsErrNotFound(err):
		return "not found"
	case errors.Is(err, tikverr.ErrLockWaitTimeout), errors.Is(err, tikverr.ErrLockAcquireFailAndNoWaitSet):
		return "locked"
	}
	return ""
}

// txnClient is built from its parts instead of with txnkv.NewClient: without the router client, whose stream older
// servers of PD lack, and with etcd only where PD does not know the safe point itself.
func (s *session) txnClient() (*tikv.KVStore, error) {
	if s.txn != nil {
		return s.txn, nil
	}
	pdClient, err := pd.NewClient(caller.Component("test"), s.pd, pd.SecurityOption{}, opt.WithEnableRouterClient(false))
	if err != nil {
		return nil, err
	}
	pdClient = util.NewInterceptedPDClient(pdClient)
	codec := tikv.NewCodecPDClient(tikv.ModeTxn, pdClient)
	if apiVersion() == kvrpcpb.APIVersion_V2 {
		if codec, err = tikv.NewCodecPDClientWithKeyspace(tikv.ModeTxn, pdClient, keyspace()); err != nil {
			return nil, err
		}
	}
	rpc := tikv.NewRPCClient(tikv.WithCodec(codec.GetCodec()))
	if s.txn, err = tikv.NewKVStore("test", codec, tikv.NewMockSafePointKV(), rpc); err == nil {
		return s.txn, nil
	}
	etcd, err := tikv.NewEtcdSafePointKV(s.pd, nil)
	if err != nil {
		return nil, err
	}
	s.txn, err = tikv.NewKVStore("test", codec, etcd, rpc)
	return s.txn, err
}

func (s *session) rawClient(ctx context.Context) (*rawkv.Client, error) {
	if s.raw != nil {
		return s.raw, nil
	}
	client, err := rawkv.NewClientWithOpts(
		ctx, s.pd, rawkv.WithSecurity(config.DefaultConfig().Security),
		rawkv.WithPDOptions(opt.WithEnableRouterClient(false)),
		rawkv.WithAPIVersion(apiVersion()), rawkv.WithKeyspace(keyspace()),
	)
	if err != nil {
		return nil, err
	}
	s.raw = client.SetAtomicForCAS(true)
	return s.raw, nil
}

func keyspace() string { return os.Getenv("ORBIT_TIKV_KEYSPACE") }

func apiVersion() kvrpcpb.APIVersion {
	return kvrpcpb.APIVersion(kvrpcpb.APIVersion_value[strings.ToUpper(os.Getenv("ORBIT_TIKV_API"))])
}

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func unhexAll(texts []string) [][]byte {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		all[i] = unhex(text)
	}
	return all
}

func found(value []byte) answer {
	text := hex.EncodeToString(value)
	return answer{Value: &text}
}

func (s *session) run(ctx context.Context, c command) (answer, error) {
	switch c.Op {
	case "begin":
		return s.begin(c)
	case "get", "batchget", "put", "delete", "scan", "rscan", "lock", "prewrite", "commit", "rollback":
		return s.inTxn(ctx, c)
	case "rawget", "rawbatchget", "rawput", "rawbatchput", "rawdelete", "rawdeleterange", "rawscan", "rawcas", "rawchecksum",
		"rawttl":
		return s.inRaw(ctx, c)
	case "bench":
		return s.bench(ctx, c)
	}
	return answer{Kind: "unsupported"}, fmt.Errorf("unknown op %q", c.Op)
}

func (s *session) begin(c command) (answer, error) {
	client, err := s.txnClient()
	if err != nil {
		return answer{}, err
	}
	txn, err := client.Begin()
	if err != nil {
		return answer{}, err
	}
	switch c.Mode {
	case "pessimistic":
		txn.SetPessimistic(true)
	case "async":
		txn.SetEnableAsyncCommit(true)
	case "1pc":
		txn.SetEnable1PC(true)
		txn.SetEnableAsyncCommit(true)
	}
	s.open[c.Txn] = txn
	return answer{Ts: fmt.Sprint(txn.StartTS())}, nil
}

func (s *session) inTxn(ctx context.Context, c command) (answer, error) {
	txn := s.open[c.Txn]
	if txn == nil {
		return answer{}, fmt.Errorf("no transaction %q", c.Txn)
	}
	switch c.Op {
	case "get":
		value, err := txn.Get(ctx, unhex(c.Key))
		if err != nil {
			if tikverr.IsErrNotFound(err) {
				return answer{}, nil
			}
			return answer{}, err
		}
		return found(value.Value), nil
	case "batchget":
		values, err := txn.BatchGet(ctx, unhexAll(c.Keys))
		pairs := [][]string{}
		for key, value := range values {
			pairs = append(pairs, []string{hex.EncodeToString([]byte(key)), hex.EncodeToString(value.Value)})
		}
		sort.Slice(pairs, func(i, j int) bool { return pairs[i][0] < pairs[j][0] })
		return answer{Pairs: pairs}, err
	case "put":
		return answer{}, txn.Set(unhex(c.Key), unhex(c.Value))
	case "delete":
		return answer{}, txn.Delete(unhex(c.Key))
	case "scan", "rscan":
		return scan(txn, c)
	case "lock":
		lockCtx := kv.NewLockCtx(txn.StartTS(), kv.LockNoWait, time.Now())
		return answer{}, txn.LockKeys(ctx, lockCtx, unhex(c.Key))
	case "prewrite":
		return answer{}, prewrite(ctx, txn)
	case "commit":
		delete(s.open, c.Txn)
		err := txn.Commit(ctx)
		return answer{Ts: fmt.Sprint(txn.CommitTS())}, err
	default:
		delete(s.open, c.Txn)
		return answer{}, txn.Rollback()
	}
}

// prewrite does the first half of a commit, after which the process is killed.
func prewrite(ctx context.Context, txn *transaction.KVTxn) error {
	committer, err := transaction.TxnProbe{KVTxn: txn}.NewCommitter(1)
	if err != nil {
		return err
	}
	return committer.PrewriteAllMutations(ctx)
}

func scan(txn *transaction.KVTxn, c command) (answer, error) {
	it, err := txn.Iter(unhex(c.Key), unhex(c.End))
	if c.Op == "rscan" {
		it, err = txn.IterReverse(unhex(c.End), unhex(c.Key))
	}
	if err != nil {
		return answer{}, err
	}
	defer it.Close()
	pairs := [][]string{}
	for it.Valid() && (c.Limit == 0 || len(pairs) < c.Limit) {
		pairs = append(pairs, []string{hex.EncodeToString(it.Key()), hex.EncodeToString(it.Value())})
		if err := it.Next(); err != nil {
			return answer{}, err
		}
	}
	return answer{Pairs: pairs}, nil
}

func (s *session) inRaw(ctx context.Context, c command) (answer, error) {
	client, err := s.rawClient(ctx)
	if err != nil {
		return answer{}, err
	}
	switch c.Op {
	case "rawget":
		value, err := client.Get(ctx, unhex(c.Key))
		if err != nil || value == nil {
			return answer{}, err
		}
		return found(value), nil
	case "rawput":
		return answer{}, client.PutWithTTL(ctx, unhex(c.Key), unhex(c.Value), c.TTL)
	case "rawttl":
		seconds, err := client.GetKeyTTL(ctx, unhex(c.Key))
		if err != nil || seconds == nil {
			return answer{}, err
		}
		return answer{Result: *seconds}, nil
	case "rawdelete":
		return answer{}, client.Delete(ctx, unhex(c.Key))
	case "rawscan":
		keys, values, err := client.Scan(ctx, unhex(c.Key), unhex(c.End), c.Limit)
		pairs := [][]string{}
		for i := range keys {
			pairs = append(pairs, []string{hex.EncodeToString(keys[i]), hex.EncodeToString(values[i])})
		}
		return answer{Pairs: pairs}, err
	case "rawbatchget":
		values, err := client.BatchGet(ctx, unhexAll(c.Keys))
		pairs := [][]string{}
		for i, value := range values {
			if value != nil {
				pairs = append(pairs, []string{c.Keys[i], hex.EncodeToString(value)})
			}
		}
		return answer{Pairs: pairs}, err
	case "rawbatchput":
		return answer{}, client.BatchPut(ctx, unhexAll(c.Keys), unhexAll(c.Values))
	case "rawdeleterange":
		return answer{}, client.DeleteRange(ctx, unhex(c.Key), unhex(c.End))
	case "rawcas":
		var expected []byte
		if c.Mode != "absent" {
			expected = unhex(c.End)
		}
		previous, swapped, err := client.CompareAndSwap(ctx, unhex(c.Key), expected, unhex(c.Value))
		if err != nil {
			return answer{}, err
		}
		a := answer{Result: swapped}
		if previous != nil {
			text := hex.EncodeToString(previous)
			a.Value = &text
		}
		return a, nil
	default:
		sum, err := client.Checksum(ctx, unhex(c.Key), unhex(c.End))
		return answer{Result: map[string]string{
			"crc": fmt.Sprint(sum.Crc64Xor), "kvs": fmt.Sprint(sum.TotalKvs), "bytes": fmt.Sprint(sum.TotalBytes),
		}}, err
	}
}
