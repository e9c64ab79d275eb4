package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// SavedFilter is a filter under a name that the user gave it.
type SavedFilter struct {
	Name   string `json:"name"`
	Filter string `json:"filter"`
}

const filtersSetting = "filters"

// mostFilters bounds how many are kept: they are counted again and again.
const mostFilters = 30

// Filters are the saved ones, in the order in which they were saved.
func (h *History) Filters(ctx context.Context) ([]SavedFilter, error) {
	var all []SavedFilter
	err := h.store.Setting(ctx, filtersSetting, &all)
	return all, err
}

// SaveFilter keeps a filter. One of that name is replaced; was is the name that it had before, "" for a new one.
func (h *History) SaveFilter(was string, f SavedFilter) error {
	f.Name, f.Filter = strings.TrimSpace(f.Name), strings.TrimSpace(f.Filter)
	switch {
	case f.Name == "":
		return &core.Invalid{Field: "name", Reason: "give the filter a name"}
	case len([]rune(f.Name)) > 40:
		return &core.Invalid{Field: "name", Reason: "want 40 characters at the most"}
	case f.Filter == "":
		return &core.Invalid{Field: "filter", Reason: "is empty; narrow the list first, then save the filter"}
	}
	if _, err := store.ParseQuery(f.Filter, time.Now()); err != nil {
		return err
	}
	return store.ChangeSetting(h.store, filtersSetting, func(all *[]SavedFilter) error {
		at := slices.IndexFunc(*all, func(o SavedFilter) bool { return o.Name == was && was != "" })
		if at < 0 {
			at = slices.IndexFunc(*all, func(o SavedFilter) bool { return o.Name == f.Name })
		}
		switch {
		case at >= 0:
			(*all)[at] = f
		case len(*all) >= mostFilters:
			return &core.Invalid{Field: "filter", Reason: fmt.Sprintf("%d are kept already; delete one first", mostFilters)}
		default:
			*all = append(*all, f)
			at = len(*all) - 1
		}
		kept := (*all)[at]
		*all = slices.DeleteFunc(*all, func(o SavedFilter) bool { return o.Name == f.Name && o != kept })
		return nil
	})
}

// DeleteFilter forgets a filter; what it lets through stays.
func (h *History) DeleteFilter(name string) error {
	return store.ChangeSetting(h.store, filtersSetting, func(all *[]SavedFilter) error {
		*all = slices.DeleteFunc(*all, func(o SavedFilter) bool { return o.Name == name })
		return nil
	})
}

// CountFilter says how many of the newest captures a filter lets through. known is false for one that reads bodies, or that
// cannot be read any more: to count it is not worth it.
func (h *History) CountFilter(ctx context.Context, filter string, now time.Time) (n int64, known bool) {
	q, err := store.ParseQuery(filter, now)
	if err != nil || q.Slow() {
		return 0, false
	}
	n, err = h.store.CountWithin(ctx, store.Query{}, q)
	return n, err == nil
}
