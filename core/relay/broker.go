package relay

import (
	"context"
	"log/slog"

	"github.com/nats-io/nats.go"
)

// Broker is a nats-server within the program. Not every build has one.
type Broker interface {
	nats.InProcessConnProvider
	Allow(accounts string) error // puts other accounts in force
	Pin() string                 // what readers are to expect of its certificate; "": an authority vouches for it
	Port() string
	End()
}

// BrokerSettings are what a broker is started with.
type BrokerSettings struct {
	Dir       string // its store, its certificate, its settings
	Addr      string // HOST:PORT
	Cert, Key string // files; empty: a certificate of its own, which the invites name
	Accounts  string // as Accounts writes them
	Log       *slog.Logger
}

// StartBroker starts one, and returns when it takes connections.
type StartBroker func(context.Context, BrokerSettings) (Broker, error)

// LocalSource is what the source is called here by which captures of a source of a space are checked, and sent on.
func LocalSource(space, source string) string { return space + "/" + source }
