package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/ratewire/ratewire/protocol/otaxml"
)

// wsdlRoute describes the OTA endpoint to SOAP toolkits. They fetch it without credentials: it says the same of every name, and nothing of who is there.
func (e *otaEdge) wsdlRoute() *route {
	return &route{
		method: "GET", path: "/ota/{connection}", op: "describeOTA", tag: "OTA", rights: openToAll, raw: true,
		summary:     "The WSDL of the OTA endpoint: ask with ?wsdl",
		doc:         "WSDL 1.1 with SOAP 1.1 and 1.2 bindings, generated from what the endpoint takes. The address is the one asked at.",
		query:       []param{{name: "wsdl", doc: "Without a value."}},
		answerTypes: []string{"text/xml"}, answer: typeOf[string](), problems: []string{"no_such_route"},
		handle: func(r *request) error {
			if !asksWSDL(r.URL.RawQuery) {
				return problem("no_such_route", "POST OTA messages here; GET answers ?wsdl only")
			}
			r.w.Header().Set("Content-Type", "text/xml; charset=utf-8")
			return r.bytes(http.StatusOK, otaxml.WSDL(otaAddress(r)))
		},
	}
}

// asksWSDL tells whether a query asks for the WSDL: toolkits write ?wsdl, ?WSDL, ?singleWsdl.
func asksWSDL(raw string) bool {
	for _, part := range strings.Split(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if strings.EqualFold(name, "wsdl") || strings.EqualFold(name, "singleWsdl") {
			return true
		}
	}
	return false
}

// otaAddress answers the endpoint as the asker sees it: behind a proxy that ends TLS, which says so, over HTTPS.
func otaAddress(r *request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host, Path: r.URL.Path}).String()
}
