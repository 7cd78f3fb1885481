// Package httpapi is the hub's edge over HTTP: the REST/JSON API under /v1 with its OpenAPI document, the token endpoint, and the OTA
// endpoint under /ota. It reads requests strictly, checks who may do what, calls hub.Service, and writes answers; no rule of hotels is
// here.
//
// Every route is one value in a table (route.go): method, path, the scope it needs, how a property grant is checked, its parameters, the
// types of its body and answer. Routing, authorization, validation, the OpenAPI document and the tests that walk every route all come
// from that table. Problems are RFC 9457 with stable codes from one catalogue (catalogue.go), which docs/errors.md is generated from.
//
// Hot routes (updates, shop) read and write JSON by hand; the others through encoding/json after validation against the schema of their
// type.
package httpapi
