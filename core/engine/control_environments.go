package engine

import (
	"net/http"
	"strings"

	"hookglass/core"
)

// EnvironmentJSON is an environment with its secrets masked.
type EnvironmentJSON struct {
	Name    string            `json:"name"`
	Chosen  bool              `json:"chosen"`
	Values  map[string]string `json:"values"`
	Secrets map[string]string `json:"secrets"`
}

// EnvironmentsJSON is all environments, and which of them is chosen: "" where none is.
type EnvironmentsJSON struct {
	Environment  string            `json:"environment"`
	Environments []EnvironmentJSON `json:"environments"`
}

type (
	// environmentDoc is what is to be changed of an environment; null takes a name away.
	environmentDoc struct {
		Values  map[string]*string `json:"values"`
		Secrets map[string]*string `json:"secrets"` // where each is: env:NAME, keyring:NAME or file:NAME
	}
	chosenDoc struct {
		Environment string `json:"environment"` // "" chooses none
	}
	removedEnvironment struct {
		Name    string `json:"name"`
		Removed bool   `json:"removed"`
	}
)

// JSON is the environments as commands print them.
func (x *Environments) JSON() EnvironmentsJSON {
	now := x.Set()
	out := EnvironmentsJSON{Environments: []EnvironmentJSON{}}
	if now.Chosen != nil {
		out.Environment = now.Chosen.Name
	}
	for _, e := range now.All {
		one := EnvironmentJSON{Name: e.Name, Chosen: e.Name == out.Environment, Values: map[string]string{}, Secrets: map[string]string{}}
		for name, value := range e.Values {
			one.Values[name] = core.HideUserinfo(value)
		}
		for name, ref := range e.Secrets {
			one.Secrets[name] = MaskedSecret(ref)
		}
		out.Environments = append(out.Environments, one)
	}
	return out
}

func (c *Control) environmentTable() []route {
	invalid := []int{http.StatusBadRequest}
	return []route{
		{method: "GET", path: "/_/environments", summary: "List the environments, their secrets masked, and say which is chosen", answer: c.environments, gives: EnvironmentsJSON{}},
		{method: "PUT", path: "/_/environment", summary: "Choose an environment; an empty one chooses none", answer: c.chooseEnvironment, takes: chosenDoc{}, needs: []string{"environment"},
			gives: EnvironmentsJSON{}, refuses: invalid},
		{method: "PUT", path: "/_/environments/{name}", summary: "Make an environment, or change what the body names of it; null takes a name away", answer: c.putEnvironment, takes: environmentDoc{},
			gives: EnvironmentsJSON{}, refuses: invalid, named: true},
		{method: "DELETE", path: "/_/environments/{name}", summary: "Delete an environment", answer: c.deleteEnvironment, gives: removedEnvironment{}, refuses: []int{http.StatusNotFound}, named: true},
	}
}

func (c *Control) environments(*http.Request) (any, error) { return c.e.Environments.JSON(), nil }

func (c *Control) chooseEnvironment(r *http.Request) (any, error) {
	var in struct {
		Environment *string `json:"environment"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Environment == nil {
		return nil, &core.Invalid{Field: "environment", Reason: `is missing; want a name, or "" for none`}
	}
	if err := c.e.Environments.Choose(r.Context(), *in.Environment); err != nil {
		return nil, err
	}
	return c.e.Environments.JSON(), nil
}

func (c *Control) putEnvironment(r *http.Request) (any, error) {
	var in environmentDoc
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	for name, ref := range in.Secrets {
		if ref != nil && strings.HasPrefix(*ref, "run:") {
			return nil, &core.Invalid{Field: "secrets." + name, Reason: "want env:NAME, keyring:NAME or file:NAME"}
		}
	}
	if err := c.e.Environments.Change(r.Context(), r.PathValue("name"), in.Values, in.Secrets); err != nil {
		return nil, err
	}
	return c.e.Environments.JSON(), nil
}

func (c *Control) deleteEnvironment(r *http.Request) (any, error) {
	name := r.PathValue("name")
	if err := c.e.Environments.Delete(r.Context(), name); err != nil {
		return nil, err
	}
	return removedEnvironment{name, true}, nil
}
