package sign

// code is the fix as code, by language.
func (s Scheme) code(cause string) map[string]string { return nil }
