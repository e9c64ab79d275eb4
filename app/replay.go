package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/env"
)

// addOptions gives a command a flag for each option of a replay.
func addOptions(cmd *cobra.Command, r *engine.ReplayRequest) {
	fl := cmd.Flags()
	for _, o := range engine.ReplayOptions {
		switch field := o.Field(r).(type) {
		case *bool:
			fl.BoolVar(field, o.Flag, false, o.Usage)
		case *int:
			fl.IntVar(field, o.Flag, 0, o.Usage)
		case *time.Duration:
			fl.DurationVar(field, o.Flag, 0, o.Usage)
		case *float64:
			fl.Var(&ratio{field, o.Like}, o.Flag, o.Usage)
		case **uint64:
			fl.Var(&seed{field}, o.Flag, o.Usage)
		}
	}
}

// ratio is a flag's number with a unit that may stand behind it, as in "5/s".
type ratio struct {
	to   *float64
	like string
}

func (f *ratio) String() string { return "" }
func (f *ratio) Type() string   { return "string" }

func (f *ratio) Set(text string) error {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, strings.TrimLeft(f.like, "0123456789.")), 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return fmt.Errorf("want a number above 0, like %s", f.like)
	}
	*f.to = n
	return nil
}

// seed is a flag's number that is none until it is given: 0 is one, too.
type seed struct{ to **uint64 }

func (f *seed) String() string { return "" }
func (f *seed) Type() string   { return "uint" }

func (f *seed) Set(text string) error {
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return errors.New("want a whole number of 0 or more")
	}
	*f.to = &n
	return nil
}

// readReplay takes the captures' numbers, and refuses what the flags must not say together.
func readReplay(r *engine.ReplayRequest, args []string) error {
	if !env.Uses(r.To) { // it is looked at when it is filled
		if err := engine.CheckURL("--to", r.To); err != nil {
			return err
		}
	}
	if r.Resign && r.Raw {
		return &core.Invalid{Field: "--raw", Reason: "does not go with --resign: a new signature changes the head"}
	}
	if r.NewHost && !r.Raw {
		return &core.Invalid{Field: "--new-host", Reason: "goes with --raw; without it the Host is that of the address anyway"}
	}
	if err := r.Check(); err != nil {
		return byFlag(err)
	}
	for _, a := range args {
		n, err := strconv.ParseInt(strings.TrimPrefix(a, "c"), 10, 64)
		if err != nil {
			return &core.Invalid{Field: "ID", Reason: fmt.Sprintf("%q is not the number of a capture; hookglass history lists them", a)}
		}
		r.Captures = append(r.Captures, core.CaptureID(n))
	}
	if len(args) == 0 && r.Query == "" {
		return &core.Invalid{Field: "ID", Reason: "name captures, or choose them with --query"}
	}
	return nil
}

// byFlag names the flag instead of the option.
func byFlag(err error) error {
	var invalid *core.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	i := slices.IndexFunc(engine.ReplayOptions, func(o engine.ReplayOption) bool { return o.Name == invalid.Field })
	if i < 0 {
		return err
	}
	return &core.Invalid{Field: "--" + engine.ReplayOptions[i].Flag, Reason: invalid.Reason}
}
