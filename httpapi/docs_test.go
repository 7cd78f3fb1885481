package httpapi

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/protocol/canonical"
)

func TestTheGuideNamesTheOpenRoutesAndEveryScope(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	guide := string(b)
	for _, route := range opened {
		if !strings.Contains(guide, "`"+route+"`") {
			t.Errorf("docs/api.md does not name the open route %s", route)
		}
	}
	for _, scope := range AllScopes() {
		if !strings.Contains(guide, "`"+scope+"`") {
			t.Errorf("docs/api.md does not name the scope %s", scope)
		}
	}
}

func TestTheGuidesUpdateIsOne(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(b)
	if found == nil {
		t.Fatal("no JSON in docs/api.md")
	}
	var m canonical.Message
	if err := canonical.Decode(found[1], &m); err != nil {
		t.Error(err)
	}
}
