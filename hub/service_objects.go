package hub

import (
	"bytes"
	"context"
	"slices"
	"sort"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// PutObject is Submit for one object: see Service.
func (h *Hub) PutObject(ctx context.Context, who ari.Author, property, kind, code string, body []byte, version int64, dryRun bool) (Receipt, error) {
	why := becauseOf(ctx)
	s := &Submission{DryRun: dryRun, Update: ari.Update{
		Property: property, By: who, RequestID: why.request, Reason: why.reason, Objects: []ari.ObjectOp{{Kind: kind, Code: code, Body: body}},
	}}
	if err := checkTexts(s); err != nil {
		return Receipt{}, err
	}
	c := newCall(s, h.opt.Clock.Now(), h.ids)
	c.ifMatch = &objectMatch{key: objectKey{kind, code}, version: version, remove: body == nil}
	if dryRun {
		return h.dryRun(c)
	}
	return h.call(ctx, c)
}

// Object answers an object and its revision: see Service.
func (h *Hub) Object(property, kind, code string) ([]byte, int64, error) {
	p, err := h.property(property)
	if err != nil {
		return nil, 0, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	o, ok := p.objects[objectKey{kind, code}]
	if !ok {
		return nil, 0, store.ErrNotFound
	}
	return bytes.Clone(o.body), o.revision, nil
}

// ObjectCodes answers the codes of a kind, sorted: see Service.
func (h *Hub) ObjectCodes(property, kind, after string, limit int) []string {
	p, err := h.property(property)
	if err != nil {
		return nil
	}
	p.mu.RLock()
	var codes []string
	for k := range p.objects {
		if k.kind == kind {
			codes = append(codes, k.code)
		}
	}
	p.mu.RUnlock()
	slices.Sort(codes)
	return pageOf(codes, after, limit)
}

// pageOf answers a copy of the sorted codes after one, at most limit.
func pageOf(codes []string, after string, limit int) []string {
	i := 0
	if after != "" {
		i = sort.Search(len(codes), func(i int) bool { return codes[i] > after })
	}
	return slices.Clone(codes[i:min(len(codes), i+max(0, limit))])
}

// registry answers what the objects of _hub say now.
func (h *Hub) registry() *registry {
	if w := h.world.Load(); w != nil {
		return w.registry.Load()
	}
	return newRegistry()
}

// Connection answers a connection by id.
func (h *Hub) Connection(id string) (Connection, bool) {
	c, ok := h.registry().connections[id]
	c.Properties, c.Secrets = slices.Clone(c.Properties), slices.Clone(c.Secrets)
	return c, ok
}

// Profile answers a profile by name.
func (h *Hub) Profile(name string) (Profile, bool) {
	p, ok := h.registry().profiles[name]
	p.Choices = slices.Clone(p.Choices)
	return p, ok
}

// Client answers an API client by id.
func (h *Hub) Client(id string) (Client, bool) {
	c, ok := h.registry().clients[id]
	c.Properties, c.Secrets, c.Scopes, c.Roles = slices.Clone(c.Properties), slices.Clone(c.Secrets), slices.Clone(c.Scopes), slices.Clone(c.Roles)
	return c, ok
}

// MapCode answers the hub's code of a connection's code: see Service.
func (h *Hub) MapCode(connection, property, kind, external string) (internal, state string) {
	return h.registry().mapCode(connection, property, kind, external)
}

// ExternalCodes answers the connection's codes by hub code: see Service.
func (h *Hub) ExternalCodes(connection, property, kind string) (map[string]string, bool) {
	return h.registry().externals(connection, property, kind)
}

// MappingVersion answers the revision of _hub that changed a connection's mappings last; 0 if it has none.
func (h *Hub) MappingVersion(connection string) int64 {
	_, v := h.registry().versions(connection)
	return v
}

// Messages answers what came in, newest first: see Service.
func (h *Hub) Messages(ctx context.Context, f store.MessageFilter) ([]store.Message, error) {
	return h.st.Messages(ctx, f)
}

// Message answers one message with its raw copy.
func (h *Hub) Message(ctx context.Context, id string) (store.Message, error) {
	return h.st.Message(ctx, id)
}
