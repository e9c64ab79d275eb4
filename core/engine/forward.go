package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/deliver"
	"hookglass/core/env"
	"hookglass/core/exchange"
)

// mostForwards bounds the targets of a source: each is a delivery more for each capture.
const mostForwards = 50

// longestForward bounds how long an attempt of a forward may take.
const longestForward = 10 * time.Minute

// checkForwards says what is wrong with the targets of a source. Filters are read where the source is hosted.
func checkForwards(all core.Forwards, values env.Set) error {
	if len(all) > mostForwards {
		return &core.Invalid{Field: "forward", Reason: fmt.Sprintf("has %d targets; want %d at the most", len(all), mostForwards)}
	}
	answering := -1
	for i := range all {
		f := &all[i]
		if err := checkForward(f, values); err != nil {
			var invalid *core.Invalid
			if errors.As(err, &invalid) {
				return &core.Invalid{Field: capture.ForwardField(all, i, invalid.Field), Reason: invalid.Reason}
			}
			return err
		}
		if !f.Answer || f.Off {
			continue
		}
		if answering >= 0 {
			return &core.Invalid{Field: capture.ForwardField(all, i, "answer"), Reason: fmt.Sprintf("the answer of forward[%d] goes back to the sender already; one alone can", answering)}
		}
		answering = i
	}
	return nil
}

func checkForward(f *core.Forward, values env.Set) error {
	if err := checkTyped(values, "url", f.URL); err != nil {
		return err
	}
	if core.HideUserinfo(f.URL) != f.URL {
		return &core.Invalid{Field: "url", Reason: "has a user and password in it, which the history would keep in plain text; take them out, and let what listens there take this machine without"}
	}
	for _, set := range f.Set {
		if err := settable("set_headers."+set.Name, set.Name); err != nil {
			return err
		}
		if strings.ContainsAny(set.Value, "\r\n\x00") {
			return &core.Invalid{Field: "set_headers." + set.Name, Reason: "want a value without line breaks"}
		}
		if err := values.Known("set_headers."+set.Name, set.Value); err != nil {
			return err
		}
	}
	for i, name := range f.Remove {
		if err := settable(fmt.Sprintf("remove_headers[%d]", i), name); err != nil {
			return err
		}
	}
	if f.CAFile != "" || f.Client != (core.ClientCert{}) {
		t := core.Target{URL: "https://localhost", CAFile: f.CAFile, Client: f.Client}
		if err := deliver.CheckTarget(&t); err != nil {
			return err
		}
	}
	if f.Timeout < 0 || f.Timeout > longestForward {
		return &core.Invalid{Field: "timeout_s", Reason: "want 0 to 600 seconds"}
	}
	return deliver.CheckPolicy(&f.Policy)
}

// settable refuses names that are none, and those of fields that are not the user's to say.
func settable(field, name string) error {
	if !core.IsToken(name) {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q is no header name", name)}
	}
	for _, ours := range []string{"Content-Length", "Transfer-Encoding", "Connection", "Hookglass-Hops", "Hookglass-Origin"} {
		if strings.EqualFold(name, ours) {
			return &core.Invalid{Field: field, Reason: ours + " is set by Hookglass itself; take it out"}
		}
	}
	return nil
}

// forwardsOf are the targets of a source as they are listed: an address alone where there is no more to say.
func forwardsOf(all core.Forwards) any {
	if len(all) == 0 {
		return nil
	}
	shown := slices.Clone(all)
	for i := range shown {
		shown[i].URL, shown[i].Set = core.HideUserinfo(shown[i].URL), core.HideHeader(shown[i].Set)
	}
	v := exchange.ForwardsValue(shown)
	if _, plain := v.(string); plain || len(all) > 1 {
		return v
	}
	return []any{v}
}

// KeepConsent gives targets the user's word that the ones before them had, where they lead to the same host, or, where that
// depends on the environment, are written the same.
func KeepConsent(now, before core.Forwards) {
	for i := range now {
		for j := range before {
			if before[j].Confirmed && !env.Uses(now[i].URL) && core.HostOf(before[j].URL) == core.HostOf(now[i].URL) {
				now[i].Confirmed = true
			}
			if len(before[j].Agreed) > 0 && before[j].URL == now[i].URL && now[i].Agreed == nil {
				now[i].Agreed = before[j].Agreed
			}
		}
	}
}

// Unagreed are the hosts beyond this machine that a forward would lead to, in any environment, and that the user has not agreed to.
func (x *Environments) Unagreed(f *core.Forward) (hosts []string) {
	if !env.Uses(f.URL) {
		if host := core.HostOf(f.URL); !f.Confirmed && CheckURL("url", f.URL) == nil && !Loopback(f.URL) {
			hosts = append(hosts, host)
		}
		return hosts
	}
	now := x.Set()
	for i := range now.All {
		t, err := (env.Set{Chosen: &now.All[i]}).Target(core.Target{URL: f.URL})
		if err != nil || CheckURL("url", t.URL) != nil || Loopback(t.URL) {
			continue
		}
		if host := core.HostOf(t.URL); !slices.Contains(f.Agreed, host) && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// Agree gives a forward the user's word for hosts.
func Agree(f *core.Forward, hosts []string) {
	if !env.Uses(f.URL) {
		f.Confirmed = f.Confirmed || slices.Contains(hosts, core.HostOf(f.URL))
		return
	}
	for _, host := range hosts {
		if !slices.Contains(f.Agreed, host) {
			f.Agreed = append(slices.Clip(f.Agreed), host)
		}
	}
}
