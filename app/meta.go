package main

// appID and appName are those of FyneApp.toml; a test compares them.
const (
	appID   = "io.github.hookglass.Hookglass"
	appName = "Hookglass"
)
