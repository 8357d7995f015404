package main

import (
	"context"
	"fmt"
	"math/rand"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tikv/client-go/v2/txnkv/transaction"
)

// bench runs one operation from a number of callers for a while and tells throughput, latency and CPU.
func (s *session) bench(ctx context.Context, c command) (answer, error) {
	if strings.HasPrefix(c.Mode, "raw ") {
		return s.benchRaw(ctx, c)
	}
	client, err := s.txnClient()
	if err != nil {
		return answer{}, err
	}
	value := make([]byte, c.Size)
	write := func(caller, count int, r *rand.Rand) error {
		txn, err := client.Begin()
		if err != nil {
			return err
		}
		txn.SetEnableAsyncCommit(true)
		txn.SetEnable1PC(true)
		for _, key := range ownKeys(c, caller, count, r) {
			if err := txn.Set(key, value); err != nil {
				return err
			}
		}
		return txn.Commit(ctx)
	}
	read := func(work func(*transaction.KVTxn) error) error {
		txn, err := client.Begin()
		if err != nil {
			return err
		}
		return work(txn)
	}
	operations := map[string]func(int, *rand.Rand) error{
		"get": func(_ int, r *rand.Rand) error {
			return read(func(txn *transaction.KVTxn) error {
				_, err := txn.Get(ctx, key(c, r))
				return err
			})
		},
		"batch get": func(_ int, r *rand.Rand) error {
			keys := make([][]byte, 10)
			for i := range keys {
				keys[i] = key(c, r)
			}
			return read(func(txn *transaction.KVTxn) error {
				_, err := txn.BatchGet(ctx, keys)
				return err
			})
		},
		"scan": func(_ int, r *rand.Rand) error {
			return read(func(txn *transaction.KVTxn) error {
				it, err := txn.Iter(key(c, r), nil)
				for n := 0; err == nil && it.Valid() && n < 100; n++ {
					err = it.Next()
				}
				return err
			})
		},
		"txn 1":   func(caller int, r *rand.Rand) error { return write(caller, 1, r) },
		"txn 10":  func(caller int, r *rand.Rand) error { return write(caller, 10, r) },
		"txn 100": func(caller int, r *rand.Rand) error { return write(caller, 100, r) },
	}
	operation, ok := operations[c.Mode]
	if !ok {
		return answer{}, fmt.Errorf("unknown operation %q", c.Mode)
	}
	return measure(c, operation), nil
}

func (s *session) benchRaw(ctx context.Context, c command) (answer, error) {
	client, err := s.rawClient(ctx)
	if err != nil {
		return answer{}, err
	}
	value := make([]byte, c.Size)
	if c.Mode == "raw get" {
		return measure(c, func(_ int, r *rand.Rand) error {
			_, err := client.Get(ctx, key(c, r))
			return err
		}), nil
	}
	return measure(c, func(_ int, r *rand.Rand) error { return client.Put(ctx, key(c, r), value) }), nil
}

func keyAt(number int) []byte { return []byte(fmt.Sprintf("bench-%06d", number)) }

func key(c command, r *rand.Rand) []byte { return keyAt(r.Intn(c.Limit)) }

// ownKeys spreads keys that no other caller writes over the whole range.
func ownKeys(c command, caller, count int, r *rand.Rand) [][]byte {
	slots := c.Limit / c.Callers
	start, step := r.Intn(slots), max(1, slots/count)
	keys := make([][]byte, count)
	for i := range keys {
		keys[i] = keyAt((start+i*step)%slots*c.Callers + caller)
	}
	return keys
}

func measure(c command, operation func(int, *rand.Rand) error) answer {
	var failed atomic.Int64
	var mutex sync.Mutex
	var all []float64
	var group sync.WaitGroup
	runtime.GC()
	cpu := cpuSeconds()
	start := time.Now()
	deadline := start.Add(time.Duration(c.Seconds * float64(time.Second)))
	for caller := 0; caller < c.Callers; caller++ {
		group.Add(1)
		go func() {
			defer group.Done()
			r := rand.New(rand.NewSource(int64(caller)))
			var own []float64
			for time.Now().Before(deadline) {
				began := time.Now()
				if err := operation(caller, r); err != nil {
					failed.Add(1)
					continue
				}
				own = append(own, float64(time.Since(began).Microseconds()))
			}
			mutex.Lock()
			all = append(all, own...)
			mutex.Unlock()
		}()
	}
	group.Wait()
	elapsed := time.Since(start).Seconds()
	used := cpuSeconds() - cpu
	sort.Float64s(all)
	at := func(share float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return all[min(len(all)-1, int(share*float64(len(all))))]
	}
	return answer{Result: map[string]float64{
		"operations": float64(len(all)), "failed": float64(failed.Load()), "seconds": elapsed, "cpuSeconds": used,
		"p50": at(0.5), "p95": at(0.95), "p99": at(0.99),
	}}
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}
