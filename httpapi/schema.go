package httpapi

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ratewire/ratewire/ari"
)

// Formats of ours beside those of JSON Schema.
const (
	formatAmount = "amount"    // decimal as a string
	formatTime   = "time-hhmm" // local time of day
	formatZone   = "iana-zone"
	formatCode   = "code"
)

// newRegistry answers the registry of schemas, which knows how our own types look in JSON.
func newRegistry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", schemaName)
	for from, to := range map[reflect.Type]reflect.Type{
		typeOf[ari.StayDate](): typeOf[dateSchema](), typeOf[ari.Amount](): typeOf[amountSchema](),
		typeOf[ari.TimeOfDay](): typeOf[timeSchema](), typeOf[ari.Raw](): typeOf[json.RawMessage](),
		typeOf[ari.PlanOffer](): typeOf[json.RawMessage](), typeOf[ari.Supplement](): typeOf[json.RawMessage](), // any: what is not known is kept
	} {
		r.RegisterTypeAlias(from, to)
	}
	return r
}

// schemaName names the schema of a type: our wire types end in JSON or are canonical's, where the plain name is another's.
func schemaName(t reflect.Type, hint string) string {
	n := huma.DefaultSchemaNamer(t, hint)
	if len(n) > 4 && n[len(n)-4:] == "JSON" {
		n = n[:len(n)-4]
	}
	b := []byte(n)
	if len(b) > 0 && b[0] >= 'a' && b[0] <= 'z' {
		b[0] -= 'a' - 'A'
	}
	return string(b)
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

type dateSchema string

// Schema answers the schema of a stay date.
func (dateSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}

type amountSchema string

// Schema answers the schema of an amount.
func (amountSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: formatAmount, Pattern: `^-?[0-9]{1,11}(\.[0-9]+)?$`, PatternDescription: `a decimal as a string, "120.50", at most 4 decimals`}
}

type timeSchema string

// Schema answers the schema of a local time of day.
func (timeSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: formatTime, Pattern: `^[0-2][0-9]:[0-5][0-9]$`, PatternDescription: "a local time of day, hh:mm"}
}

// schema answers the schema of a type, named in the document where it has a name.
func (a *api) schema(t reflect.Type) *huma.Schema { return a.registry.Schema(t, true, t.Name()) }
