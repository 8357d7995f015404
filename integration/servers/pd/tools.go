//go:build tools

// Package pd keeps the version of the PD server that the tests build and run.
package pd

import _ "github.com/tikv/pd/cmd/pd-server"
