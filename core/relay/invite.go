package relay

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"net/url"
	"strings"

	"github.com/nats-io/nkeys"

	"hookglass/core"
)

// invitePrefix begins an invite.
const invitePrefix = "hookglass://join/"

// Invite is what lets a reader in: one line of text, as good as a password.
type Invite struct {
	Version int      `json:"v"`
	URLs    []string `json:"u"`           // tls://HOST:PORT, or nats:// of a cluster without TLS
	Space   string   `json:"s"`           // the space
	Reader  string   `json:"r"`           // the reader's name, which is that of its consumer
	Queues  []string `json:"q,omitempty"` // the queues that may be joined with it
	Seed    string   `json:"k"`           // the reader's nkey seed
	Pin     string   `json:"p,omitempty"` // SHA-256 of the broker's public key, where no authority vouches for it
}

// String writes an invite.
func (v Invite) String() string {
	v.Version = 1
	b, err := json.Marshal(v)
	if err != nil {
		return "" // texts alone
	}
	return invitePrefix + base64.RawURLEncoding.EncodeToString(b)
}

// ParseInvite reads an invite as it is pasted: spaces and line breaks in it do not count.
func ParseInvite(text string) (Invite, error) {
	var v Invite
	bad := func(reason string) (Invite, error) {
		return Invite{}, &core.Invalid{Field: "invite", Reason: reason + "; ask for a new one (hookglass hub invite NAME)"}
	}
	body, ok := strings.CutPrefix(strings.Join(strings.Fields(text), ""), invitePrefix)
	if !ok {
		return bad("want one line that begins with " + invitePrefix)
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(b, &v) != nil {
		return bad("it is not whole")
	}
	if v.Version > 1 {
		return Invite{}, &core.Invalid{Field: "invite", Reason: "it is of a newer Hookglass; update this one"}
	}
	if v.Version < 1 || CheckName("space", v.Space) != nil || CheckName("reader", v.Reader) != nil || len(v.URLs) == 0 {
		return bad("it is not whole")
	}
	for _, q := range v.Queues {
		if CheckName("queue", q) != nil {
			return bad("it is not whole")
		}
	}
	for _, u := range v.URLs {
		if CheckBrokerURL("invite", u) != nil {
			return bad("it names no broker that can be reached")
		}
	}
	if kp, err := nkeys.FromSeed([]byte(v.Seed)); err != nil || !strings.HasPrefix(v.Seed, "SU") {
		return bad("its key is not whole")
	} else {
		kp.Wipe()
	}
	return v, nil
}

// CheckBrokerURL refuses what is no address of a broker.
func CheckBrokerURL(field, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "tls" && u.Scheme != "nats" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return &core.Invalid{Field: field, Reason: "want nats://HOST:PORT or tls://HOST:PORT, without a user"}
	}
	if port := u.Port(); port != "" {
		if _, err := net.LookupPort("tcp", port); err != nil {
			return &core.Invalid{Field: field, Reason: "want nats://HOST:PORT or tls://HOST:PORT, without a user"}
		}
	}
	return nil
}

// NewKey makes a key: its seed, which is secret, and its public half.
func NewKey() (seed core.Secret, public string, err error) {
	kp, err := nkeys.CreateUser()
	if err != nil {
		return core.Secret{}, "", err
	}
	s, err := kp.Seed()
	if err != nil {
		return core.Secret{}, "", err
	}
	public, err = kp.PublicKey()
	return core.NewSecret(s), public, err
}
