package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// thing is one object of a configuration.
type thing struct {
	kind, property, code string
	body                 map[string]any // without its code
	stage                string         // of a property: it is moved, not put
}

func (t *thing) name() string {
	return strings.Join(strings.Fields(t.kind+" "+t.property+" "+t.code), " ")
}

// configList is a list of a property, as the API and the file name it.
type configList struct{ file, path, kind string }

// configLists are in the order in which they are put: what others build on first.
var configLists = []configList{
	{"room_classes", "room-classes", ari.KindRoomClass}, {"pools", "pools", ari.KindPool}, {"room_types", "room-types", ari.KindRoomType},
	{"rate_categories", "rate-categories", ari.KindRateCategory}, {"rate_plans", "rate-plans", ari.KindRatePlan},
}

// order answers where a kind comes when a configuration is put.
func order(kind string) int {
	switch kind {
	case "profile":
		return 0
	case "connection":
		return 1
	case ari.KindProperty:
		return 2
	case "mapping":
		return 10
	}
	return 3 + slices.IndexFunc(configLists, func(l configList) bool { return l.kind == kind })
}

func sortThings(list []thing) {
	slices.SortStableFunc(list, func(a, b thing) int {
		for _, c := range []int{order(a.kind) - order(b.kind), strings.Compare(a.property, b.property), strings.Compare(a.code, b.code)} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

// hubConfig reads what a hub is set up with.
func (c *configScope) hubConfig(ctx context.Context, a *api, s *Streams) ([]thing, error) {
	var out []thing
	var state stateText
	p := startProgress(s, "reading", state.Load)
	defer p.stop()
	list := func(path string, q url.Values, f func(map[string]any)) error {
		q.Set("limit", strconv.Itoa(listMax))
		return eachItem(ctx, a, path, q, func(raw json.RawMessage) error {
			m, err := object(raw)
			if err == nil {
				f(m)
			}
			return err
		})
	}
	add := func(kind, property, key string) func(map[string]any) {
		return func(m map[string]any) { out = append(out, thingOf(kind, property, key, m)) }
	}
	if len(c.Property) == 0 {
		if err := list("/v1/profiles", url.Values{}, add("profile", "", "name")); err != nil {
			return nil, err
		}
		if err := list("/v1/connections", url.Values{}, add("connection", "", "id")); err != nil {
			return nil, err
		}
	}
	var codes []string
	err := list("/v1/properties", url.Values{}, func(m map[string]any) {
		if t := thingOf(ari.KindProperty, "", "code", m); c.wants(t.code) {
			codes = append(codes, t.code)
			out = append(out, t)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, code := range codes {
		state.Store(fmt.Sprintf("%d of %d properties", i, len(codes)))
		for _, l := range configLists {
			if err := list("/v1/properties/"+url.PathEscape(code)+"/"+l.path, url.Values{}, add(l.kind, code, "code")); err != nil {
				return nil, err
			}
		}
	}
	for _, decided := range []string{"accepted", "ignored"} {
		err := list("/v1/mappings", url.Values{"state": {decided}}, func(m map[string]any) {
			if t := mappingThing(m); c.wants(t.property) {
				out = append(out, t)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	sortThings(out)
	return out, nil
}

func (c *configScope) wants(property string) bool {
	return len(c.Property) == 0 || slices.Contains(c.Property, property)
}

// object reads a JSON object with its numbers as they are written.
func object(raw []byte) (m map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return m, d.Decode(&m)
}

func textOf(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// thingOf makes a thing of an object whose code is the member key.
func thingOf(kind, property, key string, m map[string]any) thing {
	t := thing{kind: kind, property: property, code: textOf(m, key), body: m}
	delete(m, key)
	delete(m, "version") // of profiles: it rises with every change
	if kind == ari.KindProperty {
		t.stage = textOf(m, "stage")
		delete(m, "stage")
	}
	return t
}

// mappingMembers are what is kept of a mapping beside its key.
var mappingMembers = []string{"internal", "state", "name", "occupancy"}

// mappingThing makes a thing of a mapping. Its property is the one that it concerns; its code names the rest of its key.
func mappingThing(m map[string]any) thing {
	t := thing{kind: "mapping", property: textOf(m, "property"), body: map[string]any{}}
	for _, name := range mappingMembers {
		if v, ok := m[name]; ok {
			t.body[name] = v
		}
	}
	if textOf(t.body, "state") == "" {
		t.body["state"] = "accepted"
	}
	kind := textOf(m, "kind")
	if kind == ari.KindProperty {
		t.property = textOf(m, "internal")
	}
	t.code = textOf(m, "connection") + " " + kind + " " + textOf(m, "external")
	return t
}

// key takes a mapping's code apart.
func (t *thing) key() (connection, kind, external string) {
	connection, rest, _ := strings.Cut(t.code, " ")
	kind, external, _ = strings.Cut(rest, " ")
	return connection, kind, external
}
