package sources

import (
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// forwardSettings declare where a source sends its captures on to.
var forwardSettings = []platform.Setting{
	{Name: "url", Label: "URL", Kind: platform.TextKind, Help: "Each request is sent on as it came, byte for byte, after it is kept. Empty: nothing is sent."},
	{Name: "answer", Label: "Hand its answer back", Kind: platform.BoolKind, Help: "The sender gets what your server answers, instead of what the platform would."},
	{Name: "timeout", Label: "Wait for it (s)", Kind: platform.NumberKind, Default: 10.0, Help: "How long the sender waits for that answer; then it gets 504."},
	{Name: "keep_host", Label: "Keep the Host header", Kind: platform.BoolKind, Help: "Off: the Host of the URL is sent, as servers behind a name want it."},
	{Name: "forwarded", Label: "Add X-Forwarded-For, -Host and -Proto", Kind: platform.BoolKind, Help: "The bytes of the head are then no longer those that came."},
}

func forwardValues(f core.Forward) core.Values {
	v := core.Values{"url": f.URL, "answer": f.Answer, "keep_host": f.KeepHost, "forwarded": f.Forwarded}
	setNumber(v, "timeout", f.Timeout.Seconds())
	return v
}

// forwardOf reads the form back. The user's word for a host holds for that host alone.
func forwardOf(v core.Values, before core.Forward) core.Forward {
	f := core.Forward{URL: v.Text("url"), Answer: v.Bool("answer", false), KeepHost: v.Bool("keep_host", false), Forwarded: v.Bool("forwarded", false),
		Timeout: time.Duration(v.Number("timeout", 0) * float64(time.Second))}
	f.Confirmed = before.Confirmed && core.HostOf(f.URL) == core.HostOf(before.URL)
	return f
}
