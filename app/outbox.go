package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// outbox is what takes deliveries: an engine of our own, or the program that has the history open.
type outbox interface {
	send(ctx context.Context, d core.Delivery, secret core.Secret, environment string) ([]core.DeliveryID, error)
	replay(context.Context, engine.ReplayRequest) ([]core.DeliveryID, error)
	delivery(context.Context, core.DeliveryID) (engine.DeliveryJSON, error)
}

// outbox puts deliveries into the outbox and prints their attempts until all have ended. Exit 1 where one was not
// delivered.
func (p *program) outbox(ctx context.Context, out io.Writer, pace float64, put func(context.Context, outbox) ([]core.DeliveryID, error)) error {
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Addr: "127.0.0.1:0", Pace: pace, Keyring: system{}, Log: logger(false)})
	var locked *store.Locked
	if errors.As(err, &locked) {
		r, ok := findRunning(p.folder())
		if !ok {
			return err
		}
		return p.follow(ctx, out, remote{r}, put)
	}
	if err != nil {
		return err
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	err = p.follow(ctx, out, local{e}, put)
	cancel()
	return errors.Join(err, <-ended)
}

func (p *program) follow(ctx context.Context, out io.Writer, b outbox, put func(context.Context, outbox) ([]core.DeliveryID, error)) error {
	ids, err := put(ctx, b)
	if err != nil {
		return err
	}
	open := map[core.DeliveryID]int{} // attempts printed
	for _, id := range ids {
		open[id] = 0
	}
	undelivered := false
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(open) > 0 {
		for _, id := range ids {
			seen, waiting := open[id]
			if !waiting {
				continue
			}
			d, err := b.delivery(ctx, id)
			if err != nil {
				return err
			}
			open[id] = p.printAttempts(out, d, seen)
			if core.DeliveryState(d.State).Final() {
				delete(open, id)
				undelivered = undelivered || d.State != string(core.Delivered)
				p.printEnd(out, d)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("interrupted; %d deliveries go on when Hookglass runs again", len(open))
		}
	}
	if undelivered {
		return errNotHeld
	}
	return nil
}

// printAttempts prints the finished attempts beyond the first seen, and returns how many are printed now.
func (p *program) printAttempts(out io.Writer, d engine.DeliveryJSON, seen int) int {
	for _, a := range d.Attempts[min(seen, len(d.Attempts)):] {
		if a.Response == nil && a.Failure == nil {
			break // under way
		}
		seen++
		if p.json {
			printJSON(out, engine.AttemptNews{Event: "attempt", Delivery: d.ID, AttemptJSON: a})
			continue
		}
		what, next := "", ""
		if a.Failure != nil {
			what = *a.Failure + " (" + a.Detail + ")"
		} else {
			what = fmt.Sprintf("%d %s", a.Response.Status, http.StatusText(a.Response.Status))
		}
		if a.Next != "" {
			next = "  next " + a.Next
		}
		putf(out, "delivery d%d attempt %d: %s in %.1f ms%s\n", d.ID, a.Number, what, a.TookMS, next)
	}
	return seen
}

func (p *program) printEnd(out io.Writer, d engine.DeliveryJSON) {
	if p.json {
		printJSON(out, struct {
			Event string `json:"event"`
			engine.DeliveryJSON
			Type string `json:"type"`
		}{"delivery", d, d.Event})
		return
	}
	putf(out, "delivery d%d %s %s\n", d.ID, d.State, d.Reason)
	if d.Forgery != "" {
		putf(out, "✗ %s\n  hookglass checkup %s says what else it accepts\n", d.Forgery, d.URL)
	}
}

// local is an engine in this process.
type local struct{ e *engine.Engine }

func (l local) send(ctx context.Context, d core.Delivery, s core.Secret, environment string) ([]core.DeliveryID, error) {
	d, err := l.e.Outbox.Fill(d, environment)
	if err != nil {
		return nil, err
	}
	id, err := l.e.Outbox.SendWith(ctx, d, s)
	return []core.DeliveryID{id}, err
}

func (l local) replay(ctx context.Context, w engine.ReplayRequest) ([]core.DeliveryID, error) {
	ids, _, err := l.e.Outbox.Replay(ctx, w)
	return ids, err
}

func (l local) delivery(ctx context.Context, id core.DeliveryID) (engine.DeliveryJSON, error) {
	return l.e.Outbox.Whole(ctx, id)
}

// remote is the program that has the history open, asked over its control listener.
type remote struct{ running }

func (r remote) send(ctx context.Context, d core.Delivery, s core.Secret, environment string) ([]core.DeliveryID, error) {
	return r.put(ctx, "/_/send", engine.SendBody{Delivery: d, Secret: s.Reveal(), Environment: &environment})
}

func (r remote) replay(ctx context.Context, w engine.ReplayRequest) ([]core.DeliveryID, error) {
	return r.put(ctx, "/_/replay?wait=true", w)
}

func (r remote) put(ctx context.Context, path string, body any) ([]core.DeliveryID, error) {
	var answer struct{ Deliveries []core.DeliveryID }
	err := r.call(ctx, "POST", path, body, &answer)
	return answer.Deliveries, err
}

func (r remote) delivery(ctx context.Context, id core.DeliveryID) (d engine.DeliveryJSON, err error) {
	err = r.call(ctx, "GET", fmt.Sprintf("/_/deliveries/%d", id), nil, &d)
	return d, err
}

func (r remote) call(ctx context.Context, method, path string, body, into any) error {
	var b []byte
	var err error
	if body != nil {
		if b, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, r.Control+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	resp, err := r.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// do asks; what is not answered with 200, or 202 for long work, is an error.
func (r remote) do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+r.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if r.PID == 0 { // the user named it
			return nil, fmt.Errorf("there is no answer from %s (%w); is it the control address that hookglass serve prints?", r.Control, err)
		}
		return nil, fmt.Errorf("the Hookglass that has the history open does not answer (%w); close it, or give this command its own folder with --home DIR", err)
	}
	if resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusAccepted {
		return resp, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	said, ok := engine.RefusalOf(text)
	if err != nil || !ok || r.PID == 0 && resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s answers %s and is no control address of Hookglass; hookglass serve prints it", r.Control, resp.Status)
	}
	if said.Next == said.Reason || resp.StatusCode == http.StatusConflict && said.Field == "" {
		said.Next = "" // a command says itself what to do
	}
	return nil, errors.New(said.String())
}
