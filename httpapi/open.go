package httpapi

import (
	"fmt"
	"net/http"

	"github.com/ratewire/ratewire/hub"
)

// openRoutes are those that need no token; the documents name them.
func (a *api) openRoutes() []*route {
	return []*route{
		{method: "POST", path: "/oauth/token", op: "getToken", tag: "Tokens", rights: openToAll, summary: "Get a token: client_credentials (RFC 6749)", bodyTypes: []string{"application/x-www-form-urlencoded"},
			body: typeOf[tokenForm](), bodyMax: 16 << 10, answer: typeOf[tokenJSON](), handle: (*request).token, problems: []string{"invalid_client", "invalid_grant_type", "too_many_attempts"}},
		{method: "GET", path: "/health", op: "getHealth", tag: "State", rights: openToAll, summary: "The process lives", answer: typeOf[healthJSON](), handle: (*request).health},
		{method: "GET", path: "/ready", op: "getReady", tag: "State", rights: openToAll, summary: "The picture is loaded: requests can be answered", answer: typeOf[hub.Status](),
			handle: (*request).ready, problems: []string{"not_ready"}},
		{method: "GET", path: "/openapi.json", op: "getOpenAPI", tag: "State", rights: openToAll, summary: "This document", answer: typeOf[map[string]any](), handle: (*request).openAPIDocument},
		{method: "GET", path: "/errors", op: "listErrors", tag: "State", rights: openToAll, summary: "Every problem code", answer: typeOf[listOf[CodePage]](), handle: (*request).listErrors},
		{method: "GET", path: "/errors/{code}", op: "getError", tag: "State", rights: openToAll, summary: "A problem code", answer: typeOf[CodePage](), handle: (*request).errorPage, problems: []string{"not_found"}},
	}
}

// healthJSON says that the process lives.
type healthJSON struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

func (r *request) health() error {
	return r.json(http.StatusOK, healthJSON{"ok", r.api.o.Version})
}

// ready answers what the hub's state is; who has no token need not know more than whether it is ready.
func (r *request) ready() error {
	st := r.api.s.Status()
	r.w.Header().Set("Cache-Control", "no-store")
	if !st.Ready {
		return problem("not_ready", st.Loading)
	}
	return r.json(http.StatusOK, st)
}

func (r *request) openAPIDocument() error {
	r.w.Header().Set("Cache-Control", "public, max-age=300")
	return r.bytes(http.StatusOK, r.api.document)
}

func (r *request) listErrors() error {
	out := listJSON{Items: []any{}}
	for _, code := range sortedKeys(catalogue) {
		out.Items = append(out.Items, catalogue[code])
	}
	return r.json(http.StatusOK, out)
}

func (r *request) errorPage() error {
	c, ok := catalogue[r.PathValue("code")]
	if !ok {
		return problem("not_found", fmt.Sprintf("there is no code %.60q", r.PathValue("code")))
	}
	return r.json(http.StatusOK, c)
}
