package httpapi

import (
	"fmt"
	"net/http"
)

// openRoutes are those that need no token; the documents name them.
func (a *api) openRoutes() []*route {
	return []*route{
		{method: "POST", path: "/oauth/token", op: "getToken", tag: "Tokens", rights: openToAll, summary: "Get a token: client_credentials (RFC 6749)", bodyTypes: []string{"application/x-www-form-urlencoded"},
			body: typeOf[tokenForm](), bodyMax: 16 << 10, answer: typeOf[tokenJSON](), handle: (*request).token, problems: []string{"invalid_client", "invalid_grant_type", "too_many_attempts"}},
		{method: "GET", path: "/healthz", op: "getHealth", tag: "State", rights: openToAll, summary: "The process lives", answer: typeOf[healthJSON](), handle: (*request).health},
		{method: "GET", path: "/readyz", op: "getReady", tag: "State", rights: openToAll, summary: "The picture is loaded: requests can be answered", answer: typeOf[readyJSON](),
			handle: (*request).ready, problems: []string{"not_ready"}},
		{method: "GET", path: "/v1/status", op: "getStatus", tag: "State", scope: scopeConfigRead, rights: wholeHub, summary: "State of the node and the hub", answer: typeOf[statusJSON](),
			handle: (*request).status},
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

// readyJSON says that requests can be answered; more is at /v1/status, for who may see it.
type readyJSON struct {
	Ready  bool `json:"ready"`
	Writer bool `json:"writer" doc:"This node writes; another forwards."`
}

func (r *request) ready() error {
	st := r.api.s.Status()
	r.w.Header().Set("Cache-Control", "no-store")
	if !st.Ready {
		return problem("not_ready", "")
	}
	return r.json(http.StatusOK, readyJSON{true, st.Writer})
}

// statusJSON is the state of the node.
type statusJSON struct {
	Ready         bool     `json:"ready"`
	Loading       string   `json:"loading,omitempty"`
	Writer        bool     `json:"writer"`
	WriterAddress string   `json:"writer_address,omitempty"`
	Node          string   `json:"node"`
	Position      string   `json:"position"`
	Properties    int      `json:"properties"`
	Queue         int      `json:"queue" doc:"Updates that wait."`
	OutOfService  []string `json:"out_of_service,omitempty" doc:"Properties with a bad page."`
	Store         string   `json:"store"`
}

func (r *request) status() error {
	st := r.api.s.Status()
	return r.json(http.StatusOK, statusJSON{st.Ready, st.Loading, st.Writer, st.WriterAddress, st.Node, position(st.Position), st.Properties, st.Queue, st.OutOfService, st.Store})
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
