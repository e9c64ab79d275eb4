// Package hookglass holds the texts at the root of the sources that the program carries.
package hookglass

import _ "embed"

// Changelog is what a user notices of each version, the newest first.
//
//go:embed CHANGELOG.md
var Changelog string
