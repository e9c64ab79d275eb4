package view

import "hookglass/core"

// mostPreviewed bounds what a preview reads of a body.
const mostPreviewed = 32 << 10

// Preview is the beginning of a request's body as text: indented JSON where the body is small enough to be read whole. It is
// nil where there is no body.
func Preview(r *core.Request) *Text {
	if len(r.Body) == 0 {
		return nil
	}
	whole := len(r.Body) <= mostPreviewed
	return bodyRows(&Body{Type: r.Header.Get("Content-Type"), Encoding: r.Header.Get("Content-Encoding"), Bytes: r.Body[:min(len(r.Body), mostPreviewed)]}, whole)
}
