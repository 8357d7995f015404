package main

import (
	"context"
	"fmt"
	"math/rand"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tikv/client-go/v2/txnkv/transaction"
)

// bench runs one operation from a number of callers for a while and tells throughput, latency and CPU.
func (s *session) bench(ctx context.Context, c command) (answer, error) {
	client, err := s.txnClient()
	if err != nil {
		return answer{}, err
	}
	key := func(r *rand.Rand) []byte { return []byte(fmt.Sprintf("bench-%06d", r.Intn(10000))) }
	value := make([]byte, c.Size)
	write := func(r *rand.Rand, count int) error {
		txn, err := client.Begin()
		if err != nil {
			return err
		}
		txn.SetEnableAsyncCommit(true)
		txn.SetEnable1PC(true)
		for i := 0; i < count; i++ {
			if err := txn.Set(key(r), value); err != nil {
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
	operations := map[string]func(*rand.Rand) error{
		"get": func(r *rand.Rand) error {
			return read(func(txn *transaction.KVTxn) error {
				_, err := txn.Get(ctx, key(r))
				return err
			})
		},
		"batch get": func(r *rand.Rand) error {
			keys := make([][]byte, 10)
			for i := range keys {
				keys[i] = key(r)
			}
			return read(func(txn *transaction.KVTxn) error {
				_, err := txn.BatchGet(ctx, keys)
				return err
			})
		},
		"scan": func(r *rand.Rand) error {
			return read(func(txn *transaction.KVTxn) error {
				it, err := txn.Iter(key(r), nil)
				for n := 0; err == nil && it.Valid() && n < 100; n++ {
					err = it.Next()
				}
				return err
			})
		},
		"txn 1":   func(r *rand.Rand) error { return write(r, 1) },
		"txn 10":  func(r *rand.Rand) error { return write(r, 10) },
		"txn 100": func(r *rand.Rand) error { return write(r, 100) },
	}
	operation, ok := operations[c.Mode]
	if !ok {
		return answer{}, fmt.Errorf("unknown operation %q", c.Mode)
	}
	return measure(c, operation), nil
}

func measure(c command, operation func(*rand.Rand) error) answer {
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
				if err := operation(r); err != nil {
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
