package tunnel

import (
	"encoding/json"
	"strings"
)

// The traffic policy is what ngrok's edge does with a request before it sends it here:
// https://ngrok.com/docs/traffic-policy. It is written from these types, never by joining text.
type (
	policy struct {
		OnRequest []policyRule `json:"on_http_request"`
	}
	policyRule struct {
		Actions []policyAction `json:"actions"`
	}
	policyAction struct {
		Type   string `json:"type"`
		Config any    `json:"config"`
	}
	restrictIPs struct {
		Allow []string `json:"allow"`
	}
	basicAuth struct {
		Credentials []string `json:"credentials"`
	}
	verifyWebhook struct {
		Provider string `json:"provider"`
		Secret   string `json:"secret"`
		Enforce  bool   `json:"enforce"`
	}
)

// trafficPolicy is the policy's text, or "" where nothing is asked of the edge.
func trafficPolicy(c Config) (string, error) {
	var actions []policyAction
	if len(c.Allow) > 0 {
		allow, err := prefixes(c.Allow)
		if err != nil {
			return "", err
		}
		texts := make([]string, len(allow))
		for i, p := range allow {
			texts[i] = p.String()
		}
		actions = append(actions, policyAction{"restrict-ips", restrictIPs{texts}})
	}
	if !c.BasicAuth.Empty() {
		actions = append(actions, policyAction{"basic-auth", basicAuth{[]string{string(c.BasicAuth.Reveal())}}})
	}
	if c.Verify.Provider != "" {
		actions = append(actions, policyAction{"verify-webhook",
			verifyWebhook{c.Verify.Provider, string(c.Verify.Secret.Reveal()), !c.Verify.LetPass}})
	}
	if len(actions) == 0 {
		return "", nil
	}
	text, err := json.Marshal(policy{[]policyRule{{actions}}})
	return string(text), err
}

// checkPolicy knows what ngrok's edge refuses.
func checkPolicy(c Config) error {
	if _, password, _ := strings.Cut(string(c.BasicAuth.Reveal()), ":"); !c.BasicAuth.Empty() {
		if len(password) < 8 || len(password) > 128 {
			return invalid("basic_auth", "want a password of 8 to 128 characters, which ngrok asks for")
		}
	}
	switch {
	case c.Verify.Provider == "" && c.Verify.Secret.Empty():
		return nil
	case c.Verify.Provider == "":
		return invalid("verify.provider", "want ngrok's name of the provider, such as github")
	case c.Verify.Secret.Empty():
		return invalid("verify.secret", "is missing")
	}
	if strings.Contains(string(c.Verify.Secret.Reveal()), "${") {
		return invalid("verify.secret", `want no "${" in it: ngrok takes that for an expression`)
	}
	return nil
}
