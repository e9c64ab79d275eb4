package relay

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
)

// Version is that of the message's format. A reader takes its own and older ones.
const Version = 1

// Inline is the longest body that stands in its message; a longer one goes to the object store first.
const Inline = 512 << 10

// Meta is what a message says of its capture beside the bytes that came. Members are added, never changed.
type Meta struct {
	Version  int            `json:"v"`
	Hub      string         `json:"hub"`
	Capture  core.CaptureID `json:"capture"`
	Previous core.CaptureID `json:"previous,omitempty"` // the capture of the same source before this one
	At       time.Time      `json:"at"`
	Source   string         `json:"source"`
	Platform string         `json:"platform,omitempty"`
	Method   text           `json:"method"`
	Target   text           `json:"target"`
	Proto    text           `json:"proto"`
	Host     text           `json:"host,omitempty"`
	Base     string         `json:"base,omitempty"`
	Remote   string         `json:"remote"`
	Header   core.Header    `json:"header,omitempty"` // where no head was recorded
	Event    text           `json:"event,omitempty"`
	EventID  text           `json:"event_id,omitempty"`
	Outcome  core.Outcome   `json:"outcome"`
	Status   int            `json:"status"`
	Took     time.Duration  `json:"took_ns,omitempty"`

	Verdict core.VerdictState `json:"verdict,omitempty"`
	Scheme  string            `json:"scheme,omitempty"`

	Head   int    `json:"head"` // bytes of the head; -1: none was recorded
	Size   int64  `json:"size"` // of the body, as the sender sent it
	Cut    bool   `json:"cut,omitempty"`
	Kept   int64  `json:"kept"`             // bytes of the body that were kept
	SHA256 string `json:"sha256"`           // of those
	Object string `json:"object,omitempty"` // the bucket that has them under their hash; empty: they stand in the message

	Masked  []string `json:"masked,omitempty"`   // credentials that stayed at the hub, by name
	ByToken bool     `json:"by_token,omitempty"` // among them what shows that the sender is who it says
}

// Message is a capture on its way.
type Message struct {
	Meta Meta
	Head []byte
	Body []byte // empty where the object store has it
}

// text is text of a sender, which may be no UTF-8: then its bytes travel.
type text string

func (t text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal([][]byte{[]byte(t)})
}

func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		var raw [][]byte
		if err := json.Unmarshal(data, &raw); err != nil || len(raw) != 1 {
			return errors.New("want a text, or its bytes in a list of one")
		}
		*t = text(raw[0])
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// Pack makes a message of a capture of a hub. masked are the credentials that were taken out of it, by name, and byToken says that
// one of them was its signature.
func Pack(c *core.Capture, hub string, previous core.CaptureID, masked []string, byToken bool) Message {
	r := &c.Request
	m := Meta{Version: Version, Hub: hub, Capture: c.ID, Previous: previous, At: c.At.UTC(), Source: c.Name, Platform: c.Receipt.Platform, Method: text(r.Method),
		Target: text(r.Target), Proto: text(r.Proto), Host: text(r.Host), Base: r.Base, Remote: r.Remote, Event: text(c.Event.Type), EventID: text(c.Event.ID),
		Outcome: c.Receipt.Outcome, Status: c.Response.Status, Took: c.Took, Head: len(r.Head), Size: r.Size, Cut: r.Truncated, Kept: int64(len(r.Body)),
		SHA256: Hash(r.Body), Masked: masked, ByToken: byToken}
	if r.Head == nil {
		m.Head, m.Header = -1, r.Header
	}
	if v := c.Receipt.Verdict; v != nil {
		m.Verdict, m.Scheme = v.State, v.Scheme
	}
	return Message{Meta: m, Head: r.Head, Body: r.Body}
}

// Hash is the name of a body.
func Hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// ID is what a message is known by, however often it is published: that of NATS takes no two.
func (m *Meta) ID() string { return fmt.Sprintf("%s.%d", m.Hub, m.Capture) }

// Encode writes a message: the length of the JSON in four bytes, the JSON, the head, the body.
func (m *Message) Encode() ([]byte, error) {
	meta, err := json.Marshal(&m.Meta)
	if err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	b := make([]byte, 0, 4+len(meta)+len(m.Head)+len(m.Body))
	b = binary.BigEndian.AppendUint32(b, uint32(len(meta)))
	b = append(append(append(b, meta...), m.Head...), m.Body...)
	return b, nil
}

// Decode reads what Encode wrote, and checks that the body is the one that was sent. What it returns shares the bytes of data.
func Decode(data []byte) (Message, error) {
	var m Message
	if len(data) < 4 {
		return m, errors.New("message is too short to be one")
	}
	n := binary.BigEndian.Uint32(data)
	if uint64(n) > uint64(len(data)-4) {
		return m, errors.New("message ends within its description")
	}
	if err := json.Unmarshal(data[4:4+n], &m.Meta); err != nil {
		return m, fmt.Errorf("message's description: %w", err)
	}
	switch {
	case m.Meta.Version > Version:
		return m, fmt.Errorf("message is of version %d, this program reads up to %d; update Hookglass", m.Meta.Version, Version)
	case m.Meta.Version < 1 || m.Meta.Hub == "" || m.Meta.Capture <= 0:
		return m, errors.New("message does not say which capture of which hub it is")
	}
	rest := data[4+n:]
	if m.Meta.Head > len(rest) {
		return m, errors.New("message ends within the head")
	}
	if m.Meta.Head >= 0 {
		m.Head, rest = rest[:m.Meta.Head:m.Meta.Head], rest[m.Meta.Head:]
	}
	m.Body = rest
	if m.Meta.Object != "" {
		if len(rest) > 0 {
			return m, errors.New("message has a body beside the one in the object store")
		}
		return m, nil
	}
	return m, m.Check(rest)
}

// Check says whether a body is the one that the message is about.
func (m *Message) Check(body []byte) error {
	if int64(len(body)) != m.Meta.Kept || Hash(body) != m.Meta.SHA256 {
		return fmt.Errorf("body of capture %d of hub %s is not the one that was sent (%d bytes came, %d were sent)", m.Meta.Capture, m.Meta.Hub, len(body), m.Meta.Kept)
	}
	return nil
}

// Checks of a capture that came through a space.
const (
	CheckSpace       = "space"
	CheckCredentials = "credentials"
	CheckBody        = "body"
	CheckGap         = "gap"
)

// Unpack makes a reader's capture of a message: it has no number yet.
func (m *Message) Unpack(space string) core.Capture {
	x := &m.Meta
	c := core.Capture{At: x.At.Local(), Name: x.Source, Via: space, Took: x.Took, Event: core.Event{Type: string(x.Event), ID: string(x.EventID)},
		Request: core.Request{Method: string(x.Method), Target: string(x.Target), Proto: string(x.Proto), Host: string(x.Host), Base: x.Base, Remote: x.Remote,
			Header: x.Header, Body: bytes.Clone(m.Body), Size: x.Size, Truncated: x.Cut},
		Response: core.Response{Status: x.Status},
		Receipt:  core.Receipt{Outcome: x.Outcome, Platform: x.Platform}}
	if x.Head >= 0 {
		c.Request.Head = append([]byte{}, m.Head...)
		c.Request.Header = core.ParseHead(m.Head)
	}
	if x.Verdict != "" {
		c.Receipt.Verdict = &core.Verdict{State: x.Verdict, Scheme: x.Scheme, Notes: []string{"Judged by the hub, whose secret stays there. A source here called " + LocalSource(space, x.Source) + ", with the secret, checks it again."}}
	}
	c.Receipt.Checks = []core.Check{{Name: CheckSpace, Want: "a capture of the space " + space, Got: fmt.Sprintf("capture %d of hub %s", x.Capture, x.Hub), OK: true}}
	if len(x.Masked) > 0 {
		c.Receipt.Checks = append(c.Receipt.Checks, core.Check{Name: CheckCredentials, Want: "credentials as they came", Got: maskedText(x)})
	}
	return c
}

func maskedText(x *Meta) string {
	said := "masked at the hub: " + strings.Join(x.Masked, ", ")
	if x.ByToken {
		said += "; the signature is among them, so it cannot be checked here"
	}
	return said + " (its source does not set share_credentials)"
}
