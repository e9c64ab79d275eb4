package engine

import (
	"net/http"

	"hookglass/core"
)

// The addresses of a team: those of a hub, and those of a reader.

// InviteJSON is an invite, which is as good as a password.
type InviteJSON struct {
	Invite  string   `json:"invite"`
	Reader  string   `json:"reader"`
	Space   string   `json:"space"`
	URLs    []string `json:"urls"`
	Expires string   `json:"expires,omitempty"`
}

type (
	hubConfig struct {
		Config string `json:"config"`
	}
	revoked struct {
		Reader  string `json:"reader"`
		Revoked bool   `json:"revoked"`
	}
	leftSpace struct {
		Space string `json:"space"`
		Left  bool   `json:"left"`
	}
	gapsSeen struct {
		Space string `json:"space"`
		Seen  bool   `json:"seen"`
	}
)

func (c *Control) teamTable() []route {
	invalid := []int{http.StatusBadRequest}
	missing := []int{http.StatusNotFound}
	return []route{
		{method: "GET", path: "/_/hub", summary: "Read how the hub stands, with its readers", answer: func(r *http.Request) (any, error) { return c.e.Hub.Status(r.Context()) }, gives: HubJSON{}},
		{method: "POST", path: "/_/hub/readers", summary: "Let a reader in to the hub's space", answer: c.inviteReader, takes: ReaderAsked{}, needs: []string{"name"}, gives: InviteJSON{}, refuses: invalid},
		{method: "DELETE", path: "/_/hub/readers/{name}", summary: "Shut a reader out, at once", answer: func(r *http.Request) (any, error) {
			name := r.PathValue("name")
			return revoked{name, true}, c.e.Hub.Revoke(r.Context(), name)
		}, gives: revoked{}, refuses: missing},
		{method: "GET", path: "/_/hub/config", summary: "Read the accounts that a cluster of the team's own must have", answer: func(r *http.Request) (any, error) {
			text, err := c.e.Hub.Config(r.Context())
			return hubConfig{text}, err
		}, gives: hubConfig{}, refuses: invalid},
		{method: "GET", path: "/_/spaces", summary: "List the spaces that were joined, and how this reader stands with each", answer: func(r *http.Request) (any, error) { return c.e.Spaces.Status(r.Context()) }, gives: []SpaceJSON{}},
		{method: "POST", path: "/_/spaces", summary: "Join a space by an invite", answer: c.joinSpace, takes: Joining{}, needs: []string{"invite"}, gives: SpaceJSON{}, refuses: invalid},
		{method: "DELETE", path: "/_/spaces/{name}", summary: "Leave a space; its captures stay", answer: func(r *http.Request) (any, error) {
			name := r.PathValue("name")
			return leftSpace{name, true}, c.e.Spaces.Leave(r.Context(), name)
		}, gives: leftSpace{}, refuses: missing},
		{method: "PUT", path: "/_/spaces/{name}/seen", summary: "Say that the gaps of a space were seen", answer: func(r *http.Request) (any, error) {
			name := r.PathValue("name")
			return gapsSeen{name, true}, c.e.Spaces.SeeGaps(r.Context(), name)
		}, gives: gapsSeen{}, refuses: missing},
	}
}

func (c *Control) inviteReader(r *http.Request) (any, error) {
	var ask ReaderAsked
	if err := decode(r, &ask); err != nil {
		return nil, err
	}
	v, err := c.e.Hub.Invite(r.Context(), ask)
	if err != nil {
		return nil, err
	}
	out := InviteJSON{Invite: v.String(), Reader: v.Reader, Space: v.Space, URLs: v.URLs}
	for _, r := range c.e.Hub.readers() {
		if r.Name == v.Reader && !r.Expires.IsZero() {
			out.Expires = stamp(r.Expires)
		}
	}
	return out, nil
}

func (c *Control) joinSpace(r *http.Request) (any, error) {
	var ask Joining
	if err := decode(r, &ask); err != nil {
		return nil, err
	}
	if ask.Invite == "" {
		return nil, &core.Invalid{Field: "invite", Reason: "is missing; paste the line that hookglass hub invite printed"}
	}
	s, err := c.e.Spaces.Join(r.Context(), ask)
	if err != nil {
		return nil, err
	}
	return c.e.Spaces.status(r.Context(), &s)
}
