package relay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reader is who may follow a space.
type Reader struct {
	Name    string    `json:"name"`
	Key     string    `json:"key"`               // its public key
	Sources []string  `json:"sources,omitempty"` // the sources it may read; none: all
	Queues  []string  `json:"queues,omitempty"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
}

// Active reports whether a reader is let in.
func (r *Reader) Active(now time.Time) bool {
	return r.Revoked.IsZero() && (r.Expires.IsZero() || now.Before(r.Expires))
}

// Consumers are the names of a reader's durable consumers.
func (r *Reader) Consumers() []string {
	all := []string{Consumer(r.Name, "")}
	for _, q := range r.Queues {
		all = append(all, Consumer(r.Name, q))
	}
	return all
}

// Filter are the subjects that a reader may read.
func (r *Reader) Filter(space string) []string {
	if len(r.Sources) == 0 {
		return []string{Everything(space)}
	}
	var all []string
	for _, s := range r.Sources {
		all = append(all, OfSource(space, s))
	}
	return all
}

// apiPrefix begins what a reader asks of the broker: in its account JetStream's own API does not exist, only these few ways to it.
const apiPrefix = "HG"

// way is one service of the hub's account that a reader's account imports.
type way struct {
	service string // in the hub's account
	as      string // in the reader's
	stream  bool   // answered more than once
}

// ways are all that a reader can reach: the state of its own consumer, its next messages, their acknowledgement, and the large
// bodies of its sources. known are the sources of the hub, for one that may read all.
func (r *Reader) ways(space string, known []string) []way {
	stream := Stream(space)
	var all []way
	for _, c := range r.Consumers() {
		all = append(all,
			way{service: "$JS.API.CONSUMER.INFO." + stream + "." + c, as: apiPrefix + ".CONSUMER.INFO." + stream + "." + c},
			way{service: "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + c, as: apiPrefix + ".CONSUMER.MSG.NEXT." + stream + "." + c, stream: true},
			way{service: "$JS.ACK." + stream + "." + c + ".>"})
	}
	sources := r.Sources
	if len(sources) == 0 {
		sources = known
	}
	for _, s := range slices.Compact(slices.Sorted(slices.Values(sources))) {
		bucket := "OBJ_" + Bucket(space, s)
		all = append(all, way{service: "$JS.API.DIRECT.GET." + bucket, as: apiPrefix + ".DIRECT.GET." + bucket})
	}
	return all
}

// hubAccount and accountOf are the accounts of a space.
func hubAccount(space string) string           { return Stream(space) }
func accountOf(space string, r *Reader) string { return Stream(space) + "_reader_" + r.Name }
func quoted(s string) string                   { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }
func quotedList(all []string) string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = quoted(all[i])
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// Accounts writes the accounts of a space as a nats-server's settings have them. Each reader has one to itself, so that neither a
// subject nor a reply of its own leads to anything but what it imports; permissions within one account would leave the reply of a
// pull open, by which a reader could put a capture into the stream. hub is the hub's public key.
func Accounts(space, hub string, readers []Reader, known []string, now time.Time) string {
	var b strings.Builder
	active := slices.DeleteFunc(slices.Clone(readers), func(r Reader) bool { return !r.Active(now) })
	fmt.Fprintf(&b, "accounts {\n  %s {\n    jetstream: enabled\n    users: [ { nkey: %s } ]\n    exports: [\n", hubAccount(space), hub)
	for i := range active {
		for _, w := range active[i].ways(space, known) {
			more := ""
			if w.stream {
				more = ", response_type: stream"
			}
			fmt.Fprintf(&b, "      { service: %s, accounts: [%s]%s }\n", quoted(w.service), accountOf(space, &active[i]), more)
		}
	}
	b.WriteString("    ]\n  }\n")
	for i := range active {
		r := &active[i]
		var publish []string
		fmt.Fprintf(&b, "  %s {\n    imports: [\n", accountOf(space, r))
		for _, w := range r.ways(space, known) {
			as := ""
			if w.as != "" {
				as = ", to: " + quoted(w.as)
			}
			publish = append(publish, cmp.Or(w.as, w.service))
			fmt.Fprintf(&b, "      { service: { account: %s, subject: %s }%s }\n", hubAccount(space), quoted(w.service), as)
		}
		fmt.Fprintf(&b, "    ]\n    users: [ { nkey: %s, permissions: { publish: { allow: %s }, subscribe: { allow: [\"_INBOX.>\"] } } } ]\n  }\n", r.Key, quotedList(publish))
	}
	b.WriteString("}\n")
	return b.String()
}
