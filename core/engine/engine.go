// Package engine opens, wires, runs and closes the parts of Hookglass, and has the verbs that the window, the commands
// and the control listener call. It owns every goroutine.
package engine

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"sync"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/core/relay"
	"hookglass/core/store"
)

// Bounds are what all senders together may take of this computer.
type Bounds = capture.Bounds

// DefaultBounds are the bounds where the user sets none.
var DefaultBounds = capture.DefaultBounds

// Options are what an engine is opened with. The zero value of each field is documented.
type Options struct {
	Home    string            // folder of the history; required
	Addr    string            // where sources listen; empty: the port that was set, or the next free one
	Seed    uint64            // drives all chance and ids; 0: a new one
	Pace    float64           // delays are divided by it; 0 means 1
	Keyring Keyring           // nil: no system keyring
	Log     *slog.Logger      // nil: silent
	Bounds  Bounds            // what all senders together may take
	Broker  relay.StartBroker // starts a hub's broker within the program; nil: there is none in it
	NoLearn bool              // nothing is learned of what arrives: for measurements
	HTTPS   HTTPS             // whether the sources are reached over TLS

	Listener net.Listener // for tests: instead of Addr
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

// Engine is everything at work on one history.
type Engine struct {
	Store        *store.Store
	Vault        *Vault
	Tunnel       *Tunnel
	Schemes      *Schemes
	Endpoints    *Endpoints
	Outbox       *Outbox
	Lab          *Lab
	History      *History
	Exchange     *Exchange
	Address      *Address
	Shapes       *Shapes
	Hub          *Hub
	Spaces       *Spaces
	Updates      *Updates
	Environments *Environments

	opt     Options
	log     *slog.Logger
	capture *capture.Server
	sender  *deliver.Sender
	why     string // why the history is open for reading only; empty: it is not

	switching sync.Mutex // a source is read, changed and written by one at a time
}

// Open opens the history in opt.Home, loads the sources and begins to listen. Nothing is answered or sent before Run.
func Open(ctx context.Context, opt Options) (*Engine, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Seed == 0 {
		opt.Seed = newSeed()
	}
	st, why, err := openHistory(ctx, HistoryPath(opt.Home))
	if err != nil {
		return nil, err
	}
	e := &Engine{Store: st, Vault: NewVault(opt.Home, opt.Keyring), opt: opt, log: opt.Log, why: why}
	e.wire()
	if err := e.Address.secureAs(ctx, opt.HTTPS); err != nil {
		e.Close()
		return nil, err
	}
	e.Schemes.load(ctx)
	e.Environments.load(ctx)
	if err := errors.Join(e.reload(ctx), e.listen(ctx)); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// openHistory opens a history for writing, or, where nothing can be written, for reading only, and says why.
func openHistory(ctx context.Context, path string) (st *store.Store, why string, err error) {
	st, err = store.Open(ctx, path)
	var closed *store.Unwritable
	if !errors.As(err, &closed) {
		return st, "", err
	}
	if st, readErr := store.OpenRead(ctx, path); readErr == nil {
		return st, closed.Why, nil
	}
	return nil, "", err // there is nothing to read either, or it needs to be brought up to date
}

// ReadOnly says why the history can only be read, searched and exported: nothing that arrives is kept, and nothing is sent.
// It is empty where the history can be written.
func (e *Engine) ReadOnly() string { return e.why }

// HistoryPath is the history file of a home folder.
func HistoryPath(home string) string { return filepath.Join(home, "hookglass.db") }

// newOrigin is a name that no other program has.
func newOrigin() string { return rand.Text()[:12] }

func newSeed() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails, says its documentation
	return binary.LittleEndian.Uint64(b[:]) | 1
}

// wire makes the parts know each other.
func (e *Engine) wire() {
	e.Schemes = &Schemes{store: e.Store, log: e.log, reload: e.reload}
	e.Environments = &Environments{store: e.Store, vault: e.Vault, log: e.log}
	e.Outbox = &Outbox{store: e.Store, environments: e.Environments, vault: e.Vault, schemes: e.Schemes, pace: e.opt.Pace, waiting: map[core.DeliveryID][]chan core.Attempt{}, begun: make(chan struct{}, 1), log: e.log}
	e.capture = capture.New(e.Store, platform.All, e.opt.Seed, e.opt.Pace, e.log)
	e.capture.Bound(e.opt.Bounds)
	e.capture.Secret, e.capture.Origin = e.Vault.Resolve, newOrigin()
	e.capture.KeepSecret = func(name string, s core.Secret) core.SecretRef {
		ref, _ := e.Vault.Put("run", name, s) // memory takes everything
		return ref
	}
	e.capture.Await = e.Outbox.await
	e.capture.Schemes, e.capture.Contract = e.Schemes.Book, promises
	e.capture.Environments = e.Environments.Set
	e.sender = &deliver.Sender{Sign: e.Outbox.sign, Key: e.Vault.Resolve, Dial: e.opt.Dial}
	e.Outbox.sender = e.sender
	d := deliver.NewDispatcher(e.Store, e.sender)
	d.Seed, d.Pace, d.Log, d.Attempted = e.opt.Seed, e.opt.Pace, e.log, e.Outbox.attempted
	e.Outbox.dispatcher, e.capture.Changed = d, d.Heed
	e.Endpoints = &Endpoints{store: e.Store, vault: e.Vault, environments: e.Environments, dispatcher: d, reload: e.reload}
	e.Tunnel = &Tunnel{store: e.Store, vault: e.Vault, capture: e.capture, log: e.log, home: e.opt.Home}
	e.Lab = &Lab{store: e.Store, vault: e.Vault, schemes: e.Schemes}
	e.Address = &Address{store: e.Store, home: e.opt.Home, log: e.log}
	e.Updates = &Updates{store: e.Store}
	e.History = &History{store: e.Store, log: e.log}
	e.Shapes = &Shapes{store: e.Store, log: e.log}
	e.Exchange = &Exchange{store: e.Store, vault: e.Vault, apply: e.Apply}
	e.Hub = &Hub{store: e.Store, home: e.opt.Home, book: e.Schemes.Book, broker: e.opt.Broker, log: e.log, woken: make(chan struct{}, 1), begun: make(chan struct{})}
	e.Spaces = &Spaces{store: e.Store, vault: e.Vault, capture: e.capture, log: e.log, running: map[string]*following{}, changed: make(chan struct{}, 1)}
}

// reload hosts the sources as they are stored now.
func (e *Engine) reload(ctx context.Context) error {
	asOf := e.Store.Feed().Rev()
	sources, err := e.Store.Sources(ctx)
	if err != nil {
		return err
	}
	return e.capture.Load(ctx, sources, asOf)
}

// Problem is what keeps a source from being hosted, or nil.
func (e *Engine) Problem(id core.SourceID) error { return e.capture.Problem(id) }

// listen takes the listener of a test, or one of its own.
func (e *Engine) listen(ctx context.Context) error {
	if e.opt.Listener != nil {
		e.Address.take(e.opt.Listener, "")
		return nil
	}
	return e.Address.listen(ctx, e.opt.Addr)
}

// URL is where the sources are reached on this machine.
func (e *Engine) URL() string {
	if e.Address.secure.Load() != nil {
		return "https://" + e.Address.Addr()
	}
	return "http://" + e.Address.Addr()
}

// Run answers, sends and tidies until ctx ends.
func (e *Engine) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := []func(context.Context) error{
		func(ctx context.Context) error {
			return e.Address.serve(ctx, func(ctx context.Context, ln net.Listener) error {
				return e.Address.secure.Load().serve(ctx, e.capture, ln)
			})
		},
		e.Tunnel.run,
	}
	if e.why == "" {
		parts = append(parts, e.capture.Run, e.Outbox.dispatcher.Run, e.Outbox.run, e.History.tidy, e.History.index, e.Hub.run, e.Spaces.run)
		if !e.opt.NoLearn {
			parts = append(parts, e.Shapes.run)
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, len(parts))
	for i, part := range parts {
		wg.Go(func() {
			defer cancel() // one that ends, ends all
			if errs[i] = part(ctx); ctx.Err() != nil && errors.Is(errs[i], ctx.Err()) {
				errs[i] = nil // it was told to end while it began
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close releases the history and the listener. Call it after Run has returned.
func (e *Engine) Close() error {
	e.Address.close()
	if e.sender != nil {
		e.sender.Close()
	}
	if e.Hub != nil {
		e.Hub.end()
	}
	var err error
	if e.History != nil {
		err = e.History.end()
	}
	return errors.Join(err, e.Store.Close())
}
