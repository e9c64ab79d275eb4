package exchange

func isPowerShell(string) bool { return false }

func powerShellCommands(string) []command { return nil }
