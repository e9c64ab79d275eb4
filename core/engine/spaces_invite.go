package engine

import (
	"context"
	"errors"
	"strings"

	"hookglass/core"
	"hookglass/core/relay"
)

// CheckLink refuses a link that asks for what cannot be: an invite that is not whole. Nothing is done that it asks for.
func CheckLink(l core.Link) error {
	if l.Invite == "" {
		return nil
	}
	_, err := relay.ParseInvite(l.Invite)
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return &core.Invalid{Field: "link", Reason: "holds an invite that cannot be taken: " + invalid.Reason}
	}
	return err
}

// Asked says what it would mean to take an invite, for who is asked whether to: anybody can write one.
func (s *Spaces) Asked(ctx context.Context, invite string) (string, error) {
	v, err := relay.ParseInvite(invite)
	if err != nil {
		return "", err
	}
	all, err := s.All(ctx)
	if err != nil {
		return "", err
	}
	for _, x := range all {
		if x.Name == v.Space {
			return "", &core.Invalid{Field: "invite", Reason: "you follow a space called " + v.Space + " already; leave it first, where this one is another"}
		}
	}
	words := "follow the space " + v.Space + " at " + core.Visible(strings.Join(v.URLs, ", ")) + " as " + v.Reader + ". While you do, captures of that space arrive in your inbox, and who runs it sees when this computer is connected. "
	for _, u := range v.URLs {
		if strings.HasPrefix(u, "nats:") {
			words += "The connection is not encrypted. "
			break
		}
	}
	return words + "Go on only where you know who sent it", nil
}
