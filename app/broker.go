package main

import "hookglass/core/relay/broker"

// startBroker starts the broker of a hub. It costs 9.6 MB of a stripped program, and nothing while nobody makes it a hub.
var startBroker = broker.Start
