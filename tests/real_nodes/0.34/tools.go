//go:build tools

// Package tools pins the real node that the tests run.
package tools

import _ "github.com/tendermint/tendermint/cmd/cometbft"
