package engine

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// Home is the folder of the history and what stands beside it.
func (e *Engine) Home() string { return e.opt.Home }

// History is what was captured, as a whole: its bounds and its size.
type History struct {
	store     *store.Store
	log       *slog.Logger
	condemned condemned
}

// Cap is the bound of the history.
func (h *History) Cap(ctx context.Context) store.Cap {
	limit := store.DefaultCap
	if err := h.store.Setting(ctx, "cap", &limit); err != nil && ctx.Err() == nil {
		h.log.Error("setting.unreadable", "error", err)
	}
	return limit
}

// PutCap changes the bound of the history and trims it at once. It says how many captures went.
func (h *History) PutCap(ctx context.Context, limit store.Cap) (gone int64, err error) {
	switch {
	case limit.Count < 0:
		return 0, &core.Invalid{Field: "count", Reason: "want a number of captures, or 0 for no bound"}
	case limit.Age < 0:
		return 0, &core.Invalid{Field: "age", Reason: "want a time, or 0 for no bound"}
	case limit.Bytes < 0 || limit.Bytes > 0 && limit.Bytes < 1<<20:
		return 0, &core.Invalid{Field: "bytes", Reason: "want 1 MiB or more, or 0 for no bound"}
	}
	if err := h.store.PutSetting("cap", limit); err != nil {
		return 0, err
	}
	return h.store.Trim(ctx, limit, time.Now())
}

// tidy keeps the history within its cap.
func (h *History) tidy(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		limit, gone := store.DefaultCap, int64(0)
		err := h.store.Setting(ctx, "cap", &limit)
		if err == nil { // or it would be trimmed to a bound that the user did not set
			gone, err = h.store.Trim(ctx, limit, time.Now())
		}
		if err != nil && ctx.Err() == nil {
			h.log.Error("history.trim", "error", err)
		} else if gone > 0 {
			h.log.Info("history.trimmed", "captures", gone)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// DiskUse is how large the files of the history are: more than what they hold, until space is given back.
func (h *History) DiskUse() (bytes int64) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(h.store.Path() + suffix); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// KeptSecret is a reference in use, or a value that nothing refers to any more.
type KeptSecret struct {
	Ref    core.SecretRef
	Place  string   // "env", "keyring", "file" or "run"
	Name   string   // under which it is kept there
	Users  []string // "source stripe, secret"; none: it can be forgotten without loss
	Absent error    // why its value cannot be had now; nil: it can
}

// KeptSecrets lists the references in use and the values that are left over, without those of the keyring that nothing
// refers to: a keyring does not tell what it holds. It may wait for the user to unlock it.
func (e *Engine) KeptSecrets(ctx context.Context) ([]KeptSecret, error) {
	users := map[core.SecretRef][]string{}
	use := func(ref core.SecretRef, who string) {
		if ref != "" {
			users[ref] = append(users[ref], who)
		}
	}
	sources, err := e.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	for _, src := range sources {
		for setting, ref := range src.Secrets {
			use(ref, "source "+src.Name+", "+setting)
		}
	}
	endpoints, err := e.Store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	for _, ep := range endpoints {
		use(ep.Target.Secret, "endpoint "+ep.Name)
	}
	for _, one := range e.Environments.Set().All {
		for name, ref := range one.Secrets {
			use(ref, "environment "+one.Name+", "+name)
		}
	}
	s := e.Tunnel.Settings(ctx)
	for field, ref := range s.Secrets() {
		use(*ref, "tunnel, "+field)
	}
	spaces, err := e.Spaces.All(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range spaces {
		use(x.Key, "space "+x.Name)
	}
	for _, ref := range e.Vault.held() {
		if _, used := users[ref]; !used {
			users[ref] = nil
		}
	}
	var all []KeptSecret
	for ref, who := range users {
		slices.Sort(who)
		place, name, _ := strings.Cut(string(ref), ":")
		_, absent := e.Vault.Resolve(ref)
		all = append(all, KeptSecret{Ref: ref, Place: place, Name: name, Users: who, Absent: absent})
	}
	slices.SortFunc(all, func(a, b KeptSecret) int { return strings.Compare(string(a.Ref), string(b.Ref)) })
	return all, nil
}

// ForgetSecret removes a value. What refers to it goes on without a secret until another is entered.
func (e *Engine) ForgetSecret(ctx context.Context, ref core.SecretRef) error {
	if err := e.Vault.Forget(ref); err != nil {
		return err
	}
	_, err := e.Tunnel.Change(func(s *TunnelSettings) {
		for _, r := range s.Secrets() {
			if *r == ref {
				*r = ""
			}
		}
	})
	if err != nil {
		return err
	}
	return e.reload(ctx)
}

// held are the references of the values that this vault itself holds: of this run and of the file.
func (v *Vault) held() (refs []core.SecretRef) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for name := range v.run {
		refs = append(refs, core.SecretRef("run:"+name))
	}
	file, err := v.readFile()
	if err != nil {
		return refs
	}
	for name := range file {
		refs = append(refs, core.SecretRef("file:"+name))
	}
	return refs
}

// File is where secrets are kept that the user wants in a file.
func (v *Vault) File() string { return v.file }

// FoundToken is an ngrok authtoken that is on this computer already.
type FoundToken struct {
	From  string
	Value core.Secret
}

// FindAuthtokens looks for ngrok authtokens where ngrok's own program keeps them, and in the environment.
func FindAuthtokens(getenv func(string) string) (found []FoundToken) {
	if token := getenv("NGROK_AUTHTOKEN"); token != "" {
		found = append(found, FoundToken{"the environment variable NGROK_AUTHTOKEN", core.Text(token)})
	}
	for _, path := range ngrokFiles(getenv) {
		if token := tokenIn(path); token != "" {
			found = append(found, FoundToken{path, core.Text(token)})
		}
	}
	return found
}

// ngrokFiles are the places of ngrok's settings on the systems it runs on.
func ngrokFiles(getenv func(string) string) (paths []string) {
	home := getenv("HOME")
	for _, dir := range []string{getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config"), filepath.Join(home, "Library", "Application Support"), getenv("LOCALAPPDATA")} {
		if dir != "" {
			paths = append(paths, filepath.Join(dir, "ngrok", "ngrok.yml"))
		}
	}
	paths = append(paths, filepath.Join(home, ".ngrok2", "ngrok.yml"))
	slices.Sort(paths)
	return slices.Compact(paths)
}

// tokenIn reads the line "authtoken: …" of a settings file, at any depth.
func tokenIn(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), ":")
		if ok && key == "authtoken" {
			value, _, _ = strings.Cut(value, " #")
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}

// Count is how many captures match a query, and how many of them are pinned.
func (h *History) Count(ctx context.Context, text string) (all, pinned int, err error) {
	q, err := store.ParseQuery(text, time.Now())
	if err != nil {
		return 0, 0, err
	}
	if all, err = h.store.Count(ctx, q); err != nil {
		return 0, 0, err
	}
	pinned, err = h.store.Count(ctx, q.And(store.Pinned()))
	return all, pinned, err
}

// DeleteCaptures is Delete by a filter. An empty one is all captures.
func (h *History) DeleteCaptures(ctx context.Context, text string) (int64, error) {
	q, err := store.ParseQuery(text, time.Now())
	if err != nil {
		return 0, err
	}
	return h.Delete(ctx, q)
}
