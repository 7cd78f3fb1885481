package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"os"

	"github.com/ratewire/ratewire/store"
)

// mark opens a backup of this package: the rest is the SHA-256 of a gob, and the gob.
const mark = "ratewire memory 1\n"

// Backup implements store.Store.
func (s *Store) Backup(ctx context.Context, path string) error {
	var body bytes.Buffer
	if err := s.view(ctx, func(st *state) error { return gob.NewEncoder(&body).Encode(st) }); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	sum := sha256.Sum256(body.Bytes())
	for _, part := range [][]byte{[]byte(mark), sum[:], body.Bytes()} {
		_, werr := f.Write(part)
		err = errors.Join(err, werr)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("backup to %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// Restore makes a disk from a backup, in a new epoch and with no lease held.
func Restore(backup string, o Options) (*Disk, error) {
	all, err := os.ReadFile(backup)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	body, ok := bytes.CutPrefix(all, []byte(mark))
	if !ok || len(body) < sha256.Size {
		return nil, fmt.Errorf("%w: %s is not a backup of a memory store", store.ErrRefused, backup)
	}
	if sum := sha256.Sum256(body[sha256.Size:]); !bytes.Equal(sum[:], body[:sha256.Size]) {
		return nil, fmt.Errorf("%w: %s is damaged", store.ErrRefused, backup)
	}
	d := NewDisk(o)
	d.state = newState()
	if err := gob.NewDecoder(bytes.NewReader(body[sha256.Size:])).Decode(&d.state); err != nil {
		return nil, fmt.Errorf("restore from %s: %w", backup, err)
	}
	d.state.renew(d.o.Now())
	for name, l := range d.state.Leases {
		l.Node, l.Address = "", ""
		d.state.Leases[name] = l
	}
	return d, nil
}
