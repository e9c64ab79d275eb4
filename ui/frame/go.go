package frame

import (
	"context"

	"hookglass/core"
	"hookglass/core/engine"
)

// Verbs are how pages lead to each other. Each opens the page that can do it; the page that asks knows no other.
type Verbs struct {
	OpenCapture   func(core.CaptureID)
	FilterInbox   func(key, value string)                // the inbox with this word as its filter, and no other
	NarrowInbox   func(key, value string)                // the inbox with one more word in its filter
	RereadCapture func(core.CaptureID)                   // its row is out of date
	OpenFiles     func(paths ...string)                  // shows what is in files before anything of it is taken
	Compose       func(*core.Capture)                    // to edit and send
	Recompose     func(c *core.Capture, whole bool)      // the same, of what names values of an environment: in its address, or in the whole of it
	Replay        func(ids []core.CaptureID, quick bool) // asks where to and how; quick sends at once as the last time
	OpenDelivery  func(core.DeliveryID)
	OpenBatch     func(batch string)
	OpenWork      func(id string)
	OpenSource    func(id core.SourceID, tab string)              // tab "" is the first
	AddSource     func(*core.Capture)                             // at a capture's address
	NewSource     func(platform, scheme string)                   // its form, filled in; platform "" is what to choose from
	CheckUp       func(url, scheme string, secret core.SecretRef) // examines the handler at an address
	OpenShape     func(source core.SourceID, event string)        // what an event looks like
	OpenSettings  func(section string)
	JoinSpace     func(invite string)        // its form, filled in; nothing is joined yet
	CorrectTunnel func(field, reason string) // the setting that a trouble names
	SettleTunnel  func(then func())          // keeps what is typed in the tunnel's settings first
	// Prepare does long work with its progress where deliveries are listed, and says what it returns at its end.
	Prepare func(name string, work func(context.Context, engine.Progress) (said string, err error))
}
