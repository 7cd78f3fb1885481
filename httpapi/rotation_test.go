package httpapi

import (
	"testing"
	"time"

	"github.com/ratewire/ratewire/protocol/canonical"
)

func TestARotatedSecretOverlapsWithTheOneBefore(t *testing.T) {
	r, now := still(t)
	r.ok("PUT", "/v1/clients/app", `{"scopes":["shop"]}`)
	first := r.ok("POST", "/v1/clients/app/secrets", "").text("secret")
	second := r.ok("POST", "/v1/clients/app/secrets?reason=rotation", `{"overlap_seconds":600}`).text("secret")
	opens := func(secret string) bool {
		return r.form("/oauth/token", "grant_type=client_credentials&client_id=app&client_secret="+secret).status == 200
	}
	if !opens(first) || !opens(second) {
		t.Error("both must open while they overlap")
	}
	now.Move(10*time.Minute + time.Second)
	if opens(first) || !opens(second) {
		t.Errorf("after the overlap: the first opens %v, the second %v", opens(first), opens(second))
	}
	list := r.ok("GET", "/v1/clients/app/secrets", "")
	if list.text("items", 0, "expires") == "" || list.text("items", 1, "expires") != "" {
		t.Errorf("%s", list.body)
	}
	r.refused(422, canonical.CodeRange, "POST", "/v1/clients/app/secrets", `{"overlap_seconds":99999999}`)
}
