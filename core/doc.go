// Package core is the vocabulary of Hookglass. It imports nothing of ours and does no I/O.
//
// # Words
//
// A [Source] is an inbound address. A [Capture] is one request as it arrived there, with our [Response]
// and its [Receipt]: what became of it, and the [Check]s made on the way in order. A [Verdict] is the
// outcome of a signature check, a [Finding] one proven or likely cause of a failure. A [WorkItem] is what an
// emulated platform makes of a request it accepted; its [Step]s are the spans of its timeline. An
// [Event] is what happened: type, id, payload.
//
// An [Endpoint] is an outbound address with its [Target] settings. A [Delivery] is one event owed to one target; the row is
// the queue item. An [Attempt] is one try, numbered from 1.
//
// [Request] and [Response] are plain wire messages shared by captures and attempts, so that one panel
// shows both and a replay is a copy. [Header] is an ordered list of fields, repeated and spelled as sent.
//
// # The two flows
//
//	in:  listener ─▶ record ─▶ source ─▶ decide (machine) ─▶ keep (store) ─▶ answer
//	out: delivery row ─▶ planner ─▶ start attempt ─▶ sign ─▶ send ─▶ finish attempt
//
// A 500, a bad signature and a timeout are values. A Go error means that our own program could not do its work.
package core
