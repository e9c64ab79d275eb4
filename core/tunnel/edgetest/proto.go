package edgetest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"

	"golang.ngrok.com/muxado/v2"
)

// The types of streams.
const (
	authStream      muxado.StreamType = 0
	bindStream      muxado.StreamType = 1
	unbindStream    muxado.StreamType = 2
	proxyStream     muxado.StreamType = 3
	srvInfoStream   muxado.StreamType = 8
	stopTunnel      muxado.StreamType = 9
	heartbeatStream muxado.StreamType = 0xFFFFFFFF

	Restart muxado.StreamType = 4 // a command of the dashboard
	Stop    muxado.StreamType = 5
	Update  muxado.StreamType = 6
)

// Auth is how an agent signs in.
type Auth struct {
	Version  []string
	ClientID string `json:"ClientId"` // empty for the first time
	Extra    struct {
		OS, Arch, Authtoken, Version, Hostname, UserAgent, Metadata, Cookie string
		HeartbeatInterval, HeartbeatTolerance                               int64
		StopUnsupportedError, RestartUnsupportedError                       *string
		ClientType                                                          string
	}
}

type authAnswer struct {
	Version  string
	ClientID string `json:"ClientId"`
	Error    string
	Extra    authAnswerExtra
}

type authAnswerExtra struct {
	Version, Region, Cookie, AccountName, PlanName, Banner, AgentSessionID string
	SessionDuration                                                        int64
}

// Bind is how an agent asks for an address.
type Bind struct {
	ID         string `json:"Id"`
	Proto      string
	ForwardsTo string
	Opts       struct {
		URL           string
		TrafficPolicy string
		ProxyProto    int
	}
	Extra struct {
		Name, Token, Metadata, Description string
		Bindings                           []string
		PoolingEnabled                     bool
	}
}

type bindAnswer struct {
	ID    string `json:"Id,omitempty"`
	URL   string `json:",omitempty"`
	Proto string `json:",omitempty"`
	Opts  any    `json:",omitempty"`
	Error string
	Extra bindAnswerExtra
}

type bindAnswerExtra struct{ Token, TunnelID string }

type unbind struct {
	ID string `json:"Id"`
}

type failure struct{ Error string }

type srvInfo struct{ Region string }

type stopNotice struct {
	ID                 string `json:"Id"`
	Message, ErrorCode string
}

type proxyHead struct {
	ID                          string `json:"Id"`
	ClientAddr, Proto, EdgeType string
	PassthroughTLS              bool
}

// writeTo begins a proxy stream: the length is little endian here and nowhere else.
func (p proxyHead) writeTo(w io.Writer) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, int64(len(text)))
	b.Write(text)
	_, err = w.Write(b.Bytes())
	return err
}
