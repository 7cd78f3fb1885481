//go:build !linux

package bench

import "errors"

func forgetFile(string) error {
	return errors.New("the system's cache cannot be told to let go of a file here")
}
