// Package docs holds the pages of the documentation that the program carries.
package docs

import _ "embed"

// Changelog is what a user notices of each version, the newest first.
//
//go:embed changelog.md
var Changelog string
