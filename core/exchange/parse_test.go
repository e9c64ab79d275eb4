package exchange

import (
	"fmt"

	"hookglass/core"
)

// The tests read a format at a time, and every entry or none.

func ParseHAR(data []byte) ([]core.Capture, error)   { return allOf(readHAR(data)) }
func ParseJSONL(data []byte) ([]core.Capture, error) { return allOf(readJSONL(data)) }

func allOf(f File, err error) ([]core.Capture, error) { return allRead(f.Captures, f.Unread, err) }

// ParseCurl reads one curl command.
func ParseCurl(text string) (core.Request, error) {
	all, err := allOf(readCurls([]byte(text)))
	if err != nil {
		return core.Request{}, err
	}
	if len(all) > 1 {
		return core.Request{}, fmt.Errorf("there are %d requests; want one", len(all))
	}
	return all[0].Request, nil
}

func allRead[T any](all []T, unread []Unread, err error) ([]T, error) {
	if err == nil && len(unread) > 0 {
		return nil, unread[0].Why
	}
	return all, err
}
