package hub

import "github.com/ratewire/ratewire/ari"

// pages is the part of a picture that checkpoints need. A picture without it is rebuilt from the feed alone.
type pages interface {
	AppendPage(b []byte, id ari.PageID) []byte
	StartLoading(revision int64)
	LoadObject(kind, code string, body []byte) error
	LoadPage(id ari.PageID, body []byte) error
	FinishLoading()
}

// pagesOf answers the picture's pages; nil if it has none.
func pagesOf(p *ari.Picture) pages {
	x, _ := any(p).(pages)
	return x
}
