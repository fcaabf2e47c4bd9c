//go:build tools

// Package tools pins the real node that the tests run.
package tools

import _ "github.com/cometbft/cometbft/cmd/cometbft"
