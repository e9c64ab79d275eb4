//go:build !nogui && !ci && !hub

package main

import "hookglass/core/relay"

// startBroker is nil: this program has no broker in it.
var startBroker relay.StartBroker
