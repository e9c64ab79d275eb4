package core

// Environment is a named set of values that take the place of {{env.NAME}} in what the user writes: addresses, headers, and
// bodies of requests made by hand. See package env.
type Environment struct {
	Name    string               `json:"name"`
	Values  map[string]string    `json:"values,omitempty"`
	Secrets map[string]SecretRef `json:"secrets,omitempty"`
}
