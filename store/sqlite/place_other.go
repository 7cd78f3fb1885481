//go:build !linux

package sqlite

// networkShare is known on Linux only; elsewhere the operator has to know.
func networkShare(string) (string, error) { return "", nil }
