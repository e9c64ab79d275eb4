package assets

// Licence returns the licence text of what is embedded, for the page that shows them: "fonts/OFL-Inter.txt",
// "fonts/OFL-JetBrainsMono.txt" or "icons/LICENSE".
func Licence(file string) string { return string(mustRead(file)) }
