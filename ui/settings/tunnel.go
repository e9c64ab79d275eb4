package settings

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
)

// tunnelSection holds the settings of the public tunnel. What is changed is kept at once, and counts from the next
// start of the tunnel on.
type tunnelSection struct {
	w      *frame.Window
	s      engine.TunnelSettings // as they were last read
	inputs []*tunnelInput
	by     map[string]*tunnelInput
	forced string // the field that somebody was sent to

	secrets  map[string]*part.SecretField
	provider *control.Segmented
	preset   *control.Select
	about    *control.Paragraph // of the preset
	stop     *control.Select
	verify   *control.Switch
	letPass  *control.Switch
	forward  *control.Switch
	checks   *fyne.Container
	forms    map[string]fyne.CanvasObject
	state    *control.Text
	restart  *control.Button
	test     *tunnelTest

	pending func() // stops the pending save
	saving  int    // saves under way: until they are through, what is stored is older than what is shown
	filling bool
	root    *settingsForm
	row     *fyne.Container   // of the state and the restart
	known   fyne.CanvasObject // the known ssh servers
}

func newTunnelSection(w *frame.Window) *tunnelSection {
	t := &tunnelSection{w: w, by: map[string]*tunnelInput{}, secrets: map[string]*part.SecretField{}}
	t.provider = control.NewSegmented(func(int) { t.arrange(); t.changed() }, tunnel.Names()...)
	t.state = control.NewText("", control.Small).Ellipsis()
	t.restart = control.NewButton("Restart the tunnel", "refresh-cw", control.Secondary, func() { public.GoPublic(w) })
	t.restart.Hide()
	t.row = control.Row(10, control.Grow(t.state), t.restart)
	t.row.Hide()
	t.test = newTunnelTest(w, t.again)
	t.test.done = func() { t.reveal(t.test.root) }
	t.build()
	t.root = newSettingsForm()
	t.arrange()
	return t
}

func (t *tunnelSection) Title() string           { return "Tunnel" }
func (t *tunnelSection) Icon() string            { return "globe" }
func (t *tunnelSection) view() fyne.CanvasObject { return t.root.Scroll }

// name is the chosen provider.
func (t *tunnelSection) name() string { return tunnel.Names()[t.provider.Selected()] }

// arrange shows what belongs to the chosen provider.
func (t *tunnelSection) arrange() {
	words := map[string]string{
		"ngrok": "A public address from ngrok.com. It wants an account, whose authtoken goes below. The limits are those of your plan.",
		"ssh":   "A reverse forward through an ssh server: one of your own, or a service that forwards for anybody.",
		"own":   "You run a tunnel yourself: cloudflared, Tailscale Funnel, a reverse proxy. Hookglass listens on this computer and takes its address from you.",
	}
	head := group("Public address", words[t.name()], control.Row(0, t.provider), t.row)
	t.by["proxy"].field.Hidden = t.name() == "own" // it connects by itself
	t.root.groups.Objects = []fyne.CanvasObject{head, t.forms[t.name()], t.forms["all"], t.test.view()}
	t.again()
}

func (t *tunnelSection) load(ctx context.Context) func() {
	s := t.w.Engine.Tunnel.Settings(ctx)
	running := t.w.Engine.Tunnel.Status().Running
	return func() {
		if t.restart.Hidden == running {
			t.restart.Hidden = !running
			t.say(t.state.Text(), control.Muted)
		}
		if t.pending == nil && t.saving == 0 {
			t.fill(s)
		}
	}
}

// fill shows settings, without touching a field that is being typed in.
func (t *tunnelSection) fill(s engine.TunnelSettings) {
	t.filling = true
	defer func() { t.filling = false }()
	was := t.name()
	t.s = s
	for i, name := range tunnel.Names() {
		if name == s.Provider {
			t.provider.Select(i)
		}
	}
	for _, in := range t.inputs {
		if !in.field.Focused() {
			in.field.SetQuiet(in.get(&s))
		}
	}
	for field, ref := range s.Secrets() {
		if secret := t.secrets[field]; secret.Choice().Ref != *ref && !secret.Choice().Changed() {
			secret.Set(*ref)
		}
	}
	t.preset.Choose(presetIndex(s.Preset))
	t.aboutPreset()
	t.stop.Choose(stopIndex(t.stop, s.AutoStop))
	if s.VerifyProvider != "" {
		t.verify.Set(true)
	}
	t.checks.Hidden = !t.verify.On()
	t.letPass.Set(s.VerifyLetPass)
	t.forward.Set(s.TrustForwarded)
	if t.name() != was || len(t.root.groups.Objects) == 0 {
		t.arrange()
	}
}

// changed keeps what the form says after a pause in typing.
func (t *tunnelSection) changed() {
	if t.filling {
		return
	}
	if t.pending != nil {
		t.pending()
	}
	t.pending = t.w.Pump.After(350*time.Millisecond, func() { t.save(func() {}) })
}

// read puts what the form says into settings. A text that its field cannot take is left out and marked.
func (t *tunnelSection) read(s *engine.TunnelSettings) {
	s.Provider = t.name()
	for _, in := range t.inputs {
		in.problem("")
		if err := in.set(s, in.field.Text()); err != nil {
			in.problem(part.WholeSentence(err.Error()))
		}
	}
	s.Preset = presetName(t.preset.Selected())
	s.AutoStop = stopTimes[max(t.stop.Selected(), 0)].after
	if t.stop.Selected() >= len(stopTimes) {
		s.AutoStop = t.s.AutoStop
	}
	if !t.verify.On() {
		s.VerifyProvider = ""
	}
	s.VerifyLetPass, s.TrustForwarded = t.letPass.On(), t.forward.On()
}

// save stores what the form says and then goes on.
func (t *tunnelSection) save(then func()) {
	if t.pending != nil {
		t.pending()
		t.pending = nil
	}
	form := t.s
	t.read(&form)
	t.keep(func(s *engine.TunnelSettings) {
		agreed, refs := s.Agreed, s.Secrets()
		for field, ref := range form.Secrets() { // what others keep stays as it is stored
			*ref = *refs[field]
		}
		*s, s.Agreed = form, agreed
	}, then)
}

// keep stores what change makes of the settings, and shows what is wrong with them.
func (t *tunnelSection) keep(change func(*engine.TunnelSettings), then func()) {
	t.saving++
	t.w.Pump.Task(t.w.Ctx, func(context.Context) func() {
		s, err := t.w.Engine.Tunnel.Change(change)
		wrong := t.w.Engine.Tunnel.Check(s)
		return func() {
			t.saving--
			if err != nil {
				t.w.Fail(err)
				return
			}
			t.s = s
			t.judge(wrong)
			then()
		}
	})
}

// judge shows what a check of the settings found. What is only not filled in yet is no fault.
func (t *tunnelSection) judge(wrong error) {
	var invalid *core.Invalid
	if wrong == nil {
		t.forced = ""
		t.say("Kept. The next start of the tunnel goes by it.", control.Green)
		return
	}
	t.say("Kept. "+part.Sentence(wrong)+".", control.Amber)
	if !errors.As(wrong, &invalid) {
		return
	}
	if in := t.by[t.fieldOf(invalid.Field)]; in != nil && (in.field.Text() != "" || t.forced == invalid.Field) {
		in.problem(part.WholeSentence(invalid.Reason))
		t.again()
	}
}

// point goes to a field and says what is wrong there.
func (t *tunnelSection) point(field, reason string) {
	t.forced = field
	field = t.fieldOf(field)
	if s := t.secrets[field]; s != nil {
		s.Problem(part.WholeSentence(reason))
		s.Focus()
		t.reveal(s.View())
		return
	}
	if in := t.by[field]; in != nil {
		in.problem(part.WholeSentence(reason))
		t.again()
		in.field.Focus()
		t.reveal(in.field)
		return
	}
	t.say(part.WholeSentence(reason), control.Red)
	if field == "ssh.known_hosts" {
		t.reveal(t.known)
	}
}

// again gives everything its place anew.
func (t *tunnelSection) again() {
	if t.root != nil {
		t.root.again()
	}
}

// reveal scrolls to a part of the form, once it has its place: the page may have been opened just now.
func (t *tunnelSection) reveal(o fyne.CanvasObject) {
	t.w.Pump.After(frame.Frame, func() {
		d := fyne.CurrentApp().Driver()
		top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(t.root.groups).Y
		t.root.Reveal(top-20, o.Size().Height+60)
	})
}

// say puts a line under the choice of the provider.
func (t *tunnelSection) say(text string, tone control.Token) {
	t.state.Put(text, control.Small.In(tone))
	t.row.Hidden = text == "" && t.restart.Hidden
	t.again()
}

// keepSecret keeps a secret and puts its reference into the stored settings.
func (t *tunnelSection) keepSecret(field string) func(context.Context, part.SecretChoice) (core.SecretRef, error) {
	return func(ctx context.Context, c part.SecretChoice) (core.SecretRef, error) {
		vault := t.w.Engine.Vault
		ref, err := c.Keep(vault, func(place string, s core.Secret) (core.SecretRef, error) { return vault.Put(place, "tunnel/"+field, s) })
		if err != nil {
			return "", err
		}
		s := t.w.Engine.Tunnel.Settings(ctx)
		if was := *s.Secrets()[field]; was != ref {
			if err := vault.Forget(was); err != nil && ref == "" {
				return "", err
			}
		}
		_, err = t.w.Engine.Tunnel.Change(func(s *engine.TunnelSettings) { *s.Secrets()[field] = ref })
		return ref, err
	}
}

// secretKept goes on with what follows from a secret that was kept: the settings may hold now.
func (t *tunnelSection) secretKept() {
	t.w.Pump.Task(t.w.Ctx, func(ctx context.Context) func() {
		s := t.w.Engine.Tunnel.Settings(ctx)
		wrong := t.w.Engine.Tunnel.Check(s)
		return func() {
			t.s = s
			t.judge(wrong)
		}
	})
}

// goOn goes public where that is what the setting is missing for: who came here by it needs not ask again.
func (t *tunnelSection) goOn() bool {
	if t.forced == "" {
		return false
	}
	public.GoPublic(t.w)
	return true
}

// Settled keeps what was typed and not kept yet, and then goes on; what cannot be kept is shown instead.
func (t *tunnelSection) Settled(then func()) {
	for _, field := range slices.Sorted(maps.Keys(t.secrets)) {
		secret := t.secrets[field]
		if c := secret.Choice(); !c.Changed() || !t.asked(field) {
			continue
		}
		secret.KeepNow(func(kept bool) {
			if kept {
				t.Settled(then)
				return
			}
			t.w.Go.OpenSettings(t.Title())
			secret.Focus()
			t.reveal(secret.View())
		})
		return
	}
	if t.pending != nil {
		t.save(then)
		return
	}
	then()
}

// asked reports whether the chosen provider takes a secret.
func (t *tunnelSection) asked(field string) bool {
	switch field {
	case "authtoken":
		return t.name() == "ngrok"
	case "verify.secret":
		return t.name() == "ngrok" && t.verify.On()
	case "ssh.passphrase", "ssh.password":
		return t.name() == "ssh"
	}
	return true
}

// offerTokens lists the authtokens that are on this computer already.
func (t *tunnelSection) offerTokens(under fyne.CanvasObject) {
	found := engine.FindAuthtokens(os.Getenv)
	if len(found) == 0 {
		t.w.Layers.Toast(control.Toast{Text: "No authtoken on this computer: neither in NGROK_AUTHTOKEN nor in ngrok's own settings"})
		return
	}
	entry := t.secrets["authtoken"]
	var items []control.MenuItem
	for _, f := range found {
		items = append(items, control.MenuItem{Label: "From " + f.From, Icon: "download", Do: func() {
			entry.Type(string(f.Value.Reveal()))
			entry.KeepNow(nil)
		}})
	}
	t.w.Layers.MenuUnder(under, items...)
}
