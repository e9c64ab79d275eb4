//go:build nogui || ci || hub

package main

import "hookglass/core/relay/broker"

// startBroker starts the broker of a hub. It is linked where servers run; see docs/team.md for what it costs.
var startBroker = broker.Start
