package postgres

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/ratewire/ratewire/store"
)

// The format of a backup, version 1. A file is the line dumpMark, then one zstd stream of records:
//
//	kind    1 byte
//	length  4 bytes, big endian, at most recordMax
//	payload length bytes
//
// First comes one manifest (JSON). Then, for each table, a table record (its name) and data records, whose payloads in a row are what COPY
// with format binary answered for the manifest's columns. Last comes one end record: the SHA-256 of every byte of the stream before it.
const dumpMark = "ratewire postgres backup 1\n"

const (
	recordManifest = 'M'
	recordTable    = 'T'
	recordData     = 'D'
	recordEnd      = 'E'

	// recordMax bounds what a reader has to hold; COPY answers a row at a time, and a row holds at most a page or a batch's raw copies.
	recordMax = 1 << 30
	// dataBytes is how much is gathered before a data record is written.
	dataBytes = 1 << 18
)

// damaged is an error of a backup that cannot be trusted.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: damaged or not a backup of Ratewire on PostgreSQL: %s", store.ErrRefused, fmt.Sprintf(format, args...))
}

// dumpWriter writes records; as an io.Writer it gathers a table's data.
type dumpWriter struct {
	z    *zstd.Encoder
	sum  hash.Hash
	data bytes.Buffer
}

func newDumpWriter(w io.Writer) (*dumpWriter, error) {
	if _, err := io.WriteString(w, dumpMark); err != nil {
		return nil, err
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	return &dumpWriter{z: z, sum: sha256.New()}, err
}

// Write adds data of the present table.
func (d *dumpWriter) Write(p []byte) (int, error) {
	d.data.Write(p)
	if d.data.Len() < dataBytes {
		return len(p), nil
	}
	return len(p), d.flush()
}

func (d *dumpWriter) flush() error {
	if d.data.Len() == 0 {
		return nil
	}
	err := d.put(recordData, d.data.Bytes())
	d.data.Reset()
	return err
}

// record writes a record after the data gathered so far.
func (d *dumpWriter) record(kind byte, payload []byte) error {
	if err := d.flush(); err != nil {
		return err
	}
	return d.put(kind, payload)
}

func (d *dumpWriter) put(kind byte, payload []byte) error {
	if len(payload) > recordMax {
		return fmt.Errorf("record of %d bytes: at most %d", len(payload), recordMax)
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	for _, b := range [][]byte{head, payload} {
		d.sum.Write(b)
		if _, err := d.z.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumpWriter) end() error {
	if err := d.flush(); err != nil {
		return err
	}
	return errors.Join(d.put(recordEnd, d.sum.Sum(nil)), d.z.Close())
}

// dumpReader reads records; as an io.Reader it answers one table's data.
type dumpReader struct {
	z       *zstd.Decoder
	sum     hash.Hash
	kind    byte // of the record that waits
	payload []byte
	waits   bool
	data    []byte // not yet read
}

func newDumpReader(r io.Reader) (*dumpReader, error) {
	mark := make([]byte, len(dumpMark))
	if _, err := io.ReadFull(r, mark); err != nil || string(mark) != dumpMark {
		return nil, damaged("it does not begin like one")
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	return &dumpReader{z: z, sum: sha256.New()}, err
}

func (d *dumpReader) close() { d.z.Close() }

// next answers the next record without taking it.
func (d *dumpReader) next() (kind byte, err error) {
	if d.waits {
		return d.kind, nil
	}
	var head [5]byte
	if _, err := io.ReadFull(d.z, head[:]); err != nil {
		return 0, damaged("it ends early: %v", err)
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > recordMax {
		return 0, damaged("a record of %d bytes", n)
	}
	var payload bytes.Buffer // grows with what is there, not with what a damaged length says
	if got, err := io.CopyN(&payload, d.z, int64(n)); err != nil {
		return 0, damaged("it ends in a record, %d of %d bytes: %v", got, n, err)
	}
	d.kind, d.payload, d.waits = head[0], payload.Bytes(), true
	if d.kind == recordEnd {
		return d.kind, d.checkEnd()
	}
	d.sum.Write(head[:])
	d.sum.Write(d.payload)
	return d.kind, nil
}

func (d *dumpReader) checkEnd() error {
	if !bytes.Equal(d.payload, d.sum.Sum(nil)) {
		return damaged("its checksum is wrong")
	}
	return nil
}

// manifest takes the first record.
func (d *dumpReader) manifest() (m manifest, err error) {
	kind, err := d.next()
	if err != nil {
		return m, err
	}
	if kind != recordManifest {
		return m, damaged("it has no manifest")
	}
	d.waits = false
	if err := json.Unmarshal(d.payload, &m); err != nil {
		return m, damaged("its manifest: %v", err)
	}
	if m.OldestReader > schemaVersion {
		return m, fmt.Errorf("%w: the backup has schema %d, which needs a program that knows schema %d; this one knows %d: upgrade it",
			store.ErrRefused, m.Schema, m.OldestReader, schemaVersion)
	}
	return m, nil
}

// table takes the next table record and answers its name; ok is false at the end.
func (d *dumpReader) table() (name string, ok bool, err error) {
	kind, err := d.next()
	if err != nil || kind == recordEnd {
		return "", false, err
	}
	if kind != recordTable {
		return "", false, damaged("a record of kind %q where a table must come", kind)
	}
	d.waits = false
	return string(d.payload), true, nil
}

// Read answers the present table's data.
func (d *dumpReader) Read(p []byte) (int, error) {
	for len(d.data) == 0 {
		kind, err := d.next()
		if err != nil {
			return 0, err
		}
		if kind != recordData {
			return 0, io.EOF
		}
		d.data, d.waits = d.payload, false
	}
	n := copy(p, d.data)
	d.data = d.data[n:]
	return n, nil
}
