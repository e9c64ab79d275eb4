package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

// askNames are the handshakes that can be sent.
func askNames() string {
	var names []string
	for _, a := range sign.Asks() {
		names = append(names, a.ID)
	}
	return strings.Join(names, ", ")
}

// handshake sends a provider's test of an address and judges the answer. Exit 1 where it is not what the provider wants to see.
func (p *program) handshake(cmd *cobra.Command, o *sendFlags, f *requestFlags, s *secretFlags) error {
	for _, flag := range []string{"event", "platform", "body-file", "method", "scheme", "header", "retries", "policy", "env"} {
		if cmd.Flags().Changed(flag) {
			return &core.Invalid{Field: "--" + flag, Reason: "does not go with --handshake, which says what is sent; leave one of them out"}
		}
	}
	a, err := sign.FindAsk(o.handshake)
	if err != nil {
		return byHandshakeFlag(err)
	}
	secret, err := s.read(cmd.InOrStdin())
	if err != nil {
		return err
	}
	if a.Scheme != "" && secret.Empty() {
		return &core.Invalid{Field: "--secret-env", Reason: "is missing; " + a.Title + " is signed"}
	}
	now := time.Now()
	r, err := a.Request(f.url, secret, uint64(now.UnixNano()), now)
	if err != nil {
		return byHandshakeFlag(err)
	}
	f.scheme, f.method = a.Scheme, r.Method
	d, err := o.target(f)
	if err != nil {
		return err
	}
	d.Request, d.Event.Type, d.Target.URL = r, a.Title, r.URL()
	var id core.DeliveryID
	out := cmd.OutOrStdout()
	err = p.outbox(cmd.Context(), out, o.pace, func(ctx context.Context, b outbox) ([]core.DeliveryID, error) {
		ids, err := b.send(ctx, d, secret, "")
		if len(ids) > 0 {
			id = ids[0]
		}
		return ids, err
	})
	if id == 0 || err != nil && !errors.Is(err, errNotHeld) {
		return err
	}
	return p.judge(cmd.Context(), out, id, a, secret)
}

func byHandshakeFlag(err error) error {
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		flag := map[string]string{"secret": "--secret-env", "url": "URL"}[invalid.Field]
		if flag == "" {
			flag = "--" + invalid.Field
		}
		return &core.Invalid{Field: flag, Reason: invalid.Reason}
	}
	return err
}

// judge says whether the answer to a handshake is right.
func (p *program) judge(ctx context.Context, out io.Writer, id core.DeliveryID, a sign.Ask, secret core.Secret) error {
	st, err := p.openRead(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	d, err := st.Delivery(ctx, id)
	if err != nil {
		return err
	}
	attempts, err := st.Attempts(ctx, id)
	if err != nil {
		return err
	}
	j := engine.JudgeAnswer(&d, attempts, a.Scheme, secret)
	if j.Handshake == "" { // it could not be signed, or went out otherwise
		j.Handshake, j.Says = a.Title, "it was not sent as the provider sends it; the attempt says why"
	}
	mark := "✗"
	if j.Right {
		mark = "✓"
	} else if j.Unknown {
		mark = "?"
	}
	text := textf("%s %s: %s", mark, j.Handshake, j.Says)
	if j.Source != "" {
		text += "\n  as " + j.Source + " says"
	}
	for _, n := range j.Notes {
		text += textf("\n  note: %s", n)
	}
	err = p.tell(out, struct {
		Event     string   `json:"event"`
		Delivery  int64    `json:"delivery"`
		Handshake string   `json:"handshake"`
		Right     bool     `json:"right"`
		Unknown   bool     `json:"unknown,omitempty"` // it cannot be told
		Says      string   `json:"says"`
		Source    string   `json:"source"`
		Notes     []string `json:"notes"`
	}{"handshake", int64(id), j.Handshake, j.Right, j.Unknown, j.Says, j.Source, append([]string{}, j.Notes...)}, text)
	if err == nil && !j.Right {
		return errNotHeld
	}
	return err
}
