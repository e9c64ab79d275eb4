package strict_test

import (
	"fmt"

	"hookglass/core/strict"
)

// A mistake is named by its path, whoever made the document and however deep it stands.
func Example() {
	type step struct {
		URL  string `json:"url"`
		Wait int    `json:"wait"`
	}
	var plan struct {
		Name  string `json:"name"`
		Steps []step `json:"steps"`
	}
	for _, text := range []string{
		`{"name": "nightly", "steps": [{"url": "http://a.test"}]}`,
		`{"name": "nightly", "steps": [{"url": "http://a.test", "wiat": 3}]}`,
		`{"name": "nightly", "name": "daily"}`,
		`{"steps": [{"wait": "long"}]}`,
	} {
		fmt.Println(strict.Unmarshal([]byte(text), &plan, nil))
	}
	// Output:
	// <nil>
	// steps[0].wiat: unknown key; known are url, wait
	// name: stands twice; remove one
	// steps[0].wait: want a whole number
}
