package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hookglass/core"
)

// EffectsAt asks an address how many events the handler has processed: a number, or a JSON object with one under "count"
// or "processed". It is for [Config].Effects; client may be nil.
func EffectsAt(address string, client *http.Client) (func(context.Context) (int, error), error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &core.Invalid{Field: "effects", Reason: "want http://HOST/PATH or https://HOST/PATH"}
	}
	if client == nil {
		client = http.DefaultClient
	}
	return func(ctx context.Context) (int, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return 0, err
		}
		resp, err := client.Do(r)
		if err != nil {
			return 0, fmt.Errorf("ask for the events processed: %w", err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("ask for the events processed: %s answered %s", address, resp.Status)
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
		if err != nil {
			return 0, fmt.Errorf("ask for the events processed: %w", err)
		}
		return countOf(text)
	}, nil
}

func countOf(text []byte) (int, error) {
	if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
		return n, nil
	}
	var v struct{ Count, Processed *int }
	if err := json.Unmarshal(text, &v); err == nil && v.Count != nil {
		return *v.Count, nil
	} else if err == nil && v.Processed != nil {
		return *v.Processed, nil
	}
	return 0, fmt.Errorf(`the answer about events processed is %q: want a number, {"count":N} or {"processed":N}`, excerpt(text))
}
