// Package tunnel gives the local server a public address: ngrok, a reverse forward over ssh, or a tunnel of the
// user's own.
//
// Most callers need [Run], which opens the tunnel, hands it to a server and keeps it up:
//
//	err := tunnel.Run(ctx, config, func(t *tunnel.Tunnel) error {
//		return tunnel.Serve(t, &http.Server{Handler: t.Guard().Handler(captures), ReadTimeout: …})
//	}, report)
//
// What a provider does is one [Provider]; all of them stand in one table. Each gives a listener, a public URL, and
// events that say in a sentence what happened and what to do next. A [Tunnel] is a net.Listener whose connections
// come from strangers, so its server wears a [Guard] and has limits, and nothing but captures answers there.
//
// Stopping goes in one order: the provider first, then the server. A stream of ngrok has no write deadline while it
// waits for a reader, so that a server closed first would wait for ever; a provider closed first frees them all.
package tunnel
