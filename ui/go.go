package ui

import (
	"context"

	"hookglass/core"
	"hookglass/core/engine"
)

// verbs are how pages lead to each other. Each opens the page that can do it; the page that asks knows no other.
type verbs struct {
	openCapture   func(core.CaptureID)
	filterInbox   func(key, value string)                // the inbox with this word as its filter, and no other
	narrowInbox   func(key, value string)                // the inbox with one more word in its filter
	rereadCapture func(core.CaptureID)                   // its row is out of date
	compose       func(*core.Capture)                    // to edit and send
	replay        func(ids []core.CaptureID, quick bool) // asks where to and how; quick sends at once as the last time
	openDelivery  func(core.DeliveryID)
	openBatch     func(batch string)
	openWork      func(id string)
	openSource    func(id core.SourceID, tab string) // tab "" is the first
	addSource     func(*core.Capture)                // at a capture's address
	openSettings  func(section string)
	correctTunnel func(field, reason string) // the setting that a trouble names
	settleTunnel  func(then func())          // keeps what is typed in the tunnel's settings first
	// prepare does long work with its progress where deliveries are listed, and says what it returns at its end.
	prepare func(name string, work func(context.Context, engine.Progress) (said string, err error))
}
