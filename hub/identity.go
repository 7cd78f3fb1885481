package hub

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Kinds of identities, mixed into the key so that they never meet.
const (
	byStrictID = 1 + iota // connection, id, property; other content is a conflict
	byID                  // and content: a reused id with other content is another message (S19)
	byContent             // connection, source time, property, content
)

// keyOf answers the dedupe key of a submission (S19); ok is false if it has no identity. Adjusts make an id strict.
func keyOf(s *Submission) (key store.KeyHash, strict, ok bool) {
	id := &s.Identity
	var kind byte
	switch {
	case id.ID != "" && (id.Strict || hasAdjust(&s.Update)):
		kind = byStrictID
	case id.ID != "":
		kind = byID
	case !s.Update.SourceTime.IsZero() && id.Content != store.KeyHash{}:
		kind = byContent
	default:
		return key, false, false
	}
	buf := make([]byte, 0, 256)
	buf = append(buf, kind)
	buf = appendPart(buf, identityOwner(&s.Update))
	buf = appendPart(buf, s.Update.Property)
	if kind == byContent {
		buf = binary.BigEndian.AppendUint64(buf, uint64(s.Update.SourceTime.UnixNano()))
	} else {
		buf = appendPart(buf, id.ID)
	}
	if kind != byStrictID {
		buf = append(buf, id.Content[:]...)
	}
	sum := sha256.Sum256(buf)
	return store.KeyHash(sum[:16]), kind == byStrictID, true
}

// idOf answers a hash of the id alone, to see that a source uses it again.
func idOf(s *Submission) store.KeyHash {
	buf := make([]byte, 0, 256)
	buf = appendPart(buf, identityOwner(&s.Update))
	buf = appendPart(buf, s.Update.Property)
	buf = appendPart(buf, s.Identity.ID)
	return HashContent(buf)
}

// identityOwner answers whose ids they are: the connection's, or the author's for updates without one.
func identityOwner(u *ari.Update) string {
	if u.Connection != "" {
		return u.Connection
	}
	return string(rune('0'+u.By.Kind)) + "/" + u.By.ID
}

func appendPart(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func hasAdjust(u *ari.Update) bool {
	for i := range u.Statements {
		if u.Statements[i].Verb == ari.Adjust {
			return true
		}
	}
	return false
}

// HashContent answers the hash of canonical content, as Identity.Content wants it.
func HashContent(b []byte) store.KeyHash {
	sum := sha256.Sum256(b)
	return store.KeyHash(sum[:16])
}
