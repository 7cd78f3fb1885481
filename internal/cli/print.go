package cli

import (
	"encoding/json"
	"io"
)

// printJSON prints a value as JSON, indented, with a line end.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
