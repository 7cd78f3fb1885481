package httpapi

import (
	"slices"
	"strings"

	"github.com/ratewire/ratewire/hub"
)

// Role is a named set of scopes. Routes check scopes only; a role is how people give them.
type Role struct {
	Name   string
	About  string   // for whom it is
	Scopes []string // sorted
}

// The roles' names.
const (
	roleViewer     = "viewer"
	roleOperator   = "operator"
	roleIntegrator = "integrator"
	roleAdmin      = "admin"
	roleAuditor    = "auditor"
)

// Roles answers every role, as docs/operations/access.md has them. Within /v1 a role may gain scopes of new routes, and never loses one.
func Roles() []Role {
	return []Role{
		{roleViewer, "sees: dashboards, revenue managers, support", []string{scopeARIRead, scopeConfigRead, scopeMessagesRead, scopeShop}},
		{roleOperator, "runs a hotel's day: stop-sells, caps, holds, waiting replaces", []string{scopeARIRead, scopeConfigRead, scopeHoldsWrite, scopeMessagesRaw,
			scopeMessagesRead, scopeOverlaysWrite, scopeShop}},
		{roleIntegrator, "a system that sends ARI, and who sets it up", []string{scopeARIRead, scopeARIWrite, scopeConfigRead, scopeConfigWrite, scopeHoldsWrite,
			scopeMessagesRaw, scopeMessagesRead, scopeShop}},
		{roleAdmin, "everything, clients and secrets included", AllScopes()},
		{roleAuditor, "reads who changed what and why, and changes nothing", []string{scopeARIRead, scopeAuditRead, scopeConfigRead, scopeMessagesRead}},
	}
}

// roleScopes answers a role's scopes; nil if there is no such role.
func roleScopes(name string) []string {
	for _, r := range roleList {
		if r.Name == name {
			return r.Scopes
		}
	}
	return nil
}

var roleList = Roles()

// roleNames are the roles' names, in the order of Roles.
func roleNames() []string {
	out := make([]string, len(roleList))
	for i, r := range roleList {
		out[i] = r.Name
	}
	return out
}

// scopesOf answers the scopes that scopes and roles make together, sorted. Who may make clients may give itself every scope, so that admin brings
// the scope that reads the audit trail with it: clients made before there was one read it too.
func scopesOf(given, roles []string) []string {
	out := slices.Clone(given)
	for _, r := range roles {
		out = append(out, roleScopes(r)...)
	}
	if slices.Contains(out, scopeAdmin) {
		out = append(out, scopeAuditRead)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// clientScopes answers what tokens of a client may allow.
func clientScopes(c *hub.Client) []string { return scopesOf(c.Scopes, c.Roles) }

// rolesTable answers the table of docs/operations/access.md: roles down, scopes across.
func rolesTable() string {
	var b strings.Builder
	b.WriteString("| scope | allows |")
	for _, r := range roleList {
		b.WriteString(" " + r.Name + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(roleList)) + "\n")
	for _, s := range AllScopes() {
		b.WriteString("| `" + s + "` | " + scopes[s] + " |")
		for _, r := range roleList {
			if slices.Contains(r.Scopes, s) {
				b.WriteString(" yes |")
			} else {
				b.WriteString("  |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
