package bench

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// forgetFile makes the system's cache let go of a file that nobody has open, so that the next start reads the disk.
func forgetFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = errors.Join(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED))
	return errors.Join(err, f.Close())
}
