// Package edgetest plays the far side of a tunnel on loopback, for tests: [Edge] is a stand-in for ngrok's edge that the
// real ngrok client connects to, [SSHServer] a server that forwards to us. Both have knobs for all that goes wrong.
//
// The protocol of the edge was written down from the client: TLS, over it muxado v2 with typed streams, on which each
// request is one JSON value and its answer another.
package edgetest
