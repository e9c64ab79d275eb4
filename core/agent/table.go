package agent

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// tools are all tools. Their names and those of their arguments never change: users grant them by name.
var tools = []tool{
	{name: "list_captures", title: "List captures", captured: true, add: with((*server).listCaptures),
		about: "List webhooks that arrived, newest first, without their bodies. query is Hookglass's filter: words that must all hold, like source:stripe, event:invoice.*, sig:bad, sig:verified, status:>=400, since:1h, method:POST, path:/in/x, body:\"text\"; a minus before a word turns it round."},
	{name: "get_capture", title: "Read a capture", captured: true, add: with((*server).getCapture),
		about: "Read one webhook as it arrived. part is overview (the default: all but the whole body), headers, body, body_base64, head, response or receipt. Bodies come in ranges of at most 16384 bytes: offset and limit choose one, next_offset is where to go on. Credentials are masked."},
	{name: "explain_signature", title: "Explain a signature", captured: true, add: with((*server).explainSignature),
		about: "Say whether a signature verifies, and if not, why: the cause with its proof, who can mend it, and the fix; where that is your handler, also as code in Go, Node and Python. Either of a capture (id), or of a request written out: scheme, headers, body, and secret_ref, which names a secret and never is one: \"env:NAME\", \"keyring:NAME\" or \"source:NAME\". computed is the value that your own code came to: then it says how."},
	{name: "wait_for_capture", title: "Wait for a capture", captured: true, add: with((*server).waitForCapture),
		about: "Wait until a webhook arrives that matches a filter, 60 seconds at the most. Where none does, the answer says how the newest others differ. Those that came up to since_s seconds before the call count, too."},
	{name: "diff_captures", title: "Compare two captures", captured: true, add: with((*server).diffCaptures),
		about: "Say in what two captures differ: method, target, headers, and the body by the values of its JSON. ignore names what does not count: \"created\", \"data.*.id\", \"header:Date\"."},
	{name: "list_sources", title: "List sources", captured: true, add: with((*server).listSources),
		about: "List the inbound addresses with their scheme, answer, faults and forward target. Of secrets it says where they are kept."},
	{name: "get_work", title: "Read a work item", captured: true, add: with((*server).getWork),
		about: "Read what an emulated platform made of a capture: states, steps, cost, output."},
	{name: "get_delivery", title: "Read a delivery", captured: true, add: with((*server).getDelivery),
		about: "Read a delivery to an endpoint with its attempts: what was sent, what came back, when it is tried again."},
	{name: "list_schemes", title: "List signature schemes", add: with((*server).listSchemes),
		about: "List the signature schemes that are known, by provider or name: where the signature stands and what is signed, with the source of it."},
	{name: "event_shape", title: "Shape of an event", captured: true, add: with((*server).eventShape),
		about: "Say what the bodies of an event have in common: members, types, what is always there."},

	{name: "replay", title: "Replay captures", writes: true, captured: true, add: with((*server).replay),
		about: "Send captures again to an address, as they were, raw to the byte, or signed anew. Answers with the numbers of the deliveries; get_delivery says what came back."},
	{name: "send_signed", title: "Send a signed webhook", writes: true, captured: true, add: with((*server).sendSigned),
		about: "Sign a body by a scheme and send it to an address. secret_ref names the secret: \"env:NAME\", \"keyring:NAME\" or \"source:NAME\". Answers with the number of the delivery; get_delivery says what came back."},
	{name: "checkup", title: "Examine a handler", writes: true, captured: true, add: with((*server).checkup),
		about: "Examine a webhook handler with valid, forged, stale, repeated and awkward deliveries, and score it. Takes up to a minute. Each failed check says what was sent, what came back, why that is wrong and how to mend it."},
	{name: "set_faults", title: "Set faults", writes: true, captured: true, add: with((*server).setFaults),
		about: "Make a source misbehave, or behave again (faults null): latency_ms, fail_first, error_rate, status, drop, seed, as in a workspace file."},
	{name: "set_answer", title: "Set an answer", writes: true, captured: true, add: with((*server).setAnswer),
		about: "Set what a generic source answers: {\"status\":200,\"headers\":{},\"body\":\"ok\"}; null puts it back."},
	{name: "add_source", title: "Add a source", writes: true, captured: true, add: with((*server).addSource),
		about: "Add an inbound address, written as in a workspace file: {\"platform\":\"generic\",\"path\":\"/in/shop\",\"scheme\":\"github\",\"secret\":{\"env\":\"SHOP_SECRET\"}}. Secrets by reference only."},
}

type requestKey struct{}

// withRequest hands on the call, for tools that tell how far they have come.
func withRequest(ctx context.Context, req *mcp.CallToolRequest) context.Context {
	return context.WithValue(ctx, requestKey{}, req)
}

// progress tells the client how far a call has come, where it wants to know.
func progress(ctx context.Context, done, total int, what string) {
	req, ok := ctx.Value(requestKey{}).(*mcp.CallToolRequest)
	if !ok || req.Params.GetProgressToken() == nil {
		return
	}
	// A client that has gone is not told; the call ends with its context.
	_ = req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: req.Params.GetProgressToken(), Progress: float64(done), Total: float64(total), Message: what})
}
