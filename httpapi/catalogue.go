package httpapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// CodePage is what there is to say of one problem code, at /errors/{code} and in docs/errors.md.
type CodePage struct {
	Code      string `json:"code"`
	Status    int    `json:"status" doc:"HTTP status of a problem with this code."`
	Title     string `json:"title"`
	Retryable bool   `json:"retryable"`
	About     string `json:"about" doc:"When it comes."`
	Fix       string `json:"fix" doc:"What to do."`
}

// catalogue is every problem code. Codes are stable: within /v1 they are only added.
var catalogue = func() map[string]CodePage {
	m := map[string]CodePage{}
	add := func(status int, retry bool, code, title, about, fix string) {
		m[code] = CodePage{Code: code, Status: status, Title: title, Retryable: retry, About: about, Fix: fix}
	}
	// The document itself.
	add(400, false, canonical.CodeSyntax, "Not valid JSON", "The body is no JSON document, is cut off, holds broken UTF-8, nests too deeply, or goes on after its end.", "Send one JSON document in UTF-8.")
	add(422, false, "invalid_request", "Several things are wrong", "Faults of different kinds; errors lists each with its own code.", "Mend each entry of errors.")
	add(422, false, canonical.CodeType, "Wrong type", "A value is of another JSON type than the field's: amounts are strings, counts are whole numbers, dates are strings.", "Send the type that expected names.")
	add(422, false, canonical.CodeUnknownField, "Unknown field", "Writes refuse fields they do not know, so that a misspelt one is never dropped in silence.", "Leave it out, or use the name that fix suggests.")
	add(422, false, canonical.CodeMissing, "Field missing", "A required field is not there.", "Add it.")
	add(422, false, canonical.CodeTwice, "Told twice", "One name, rate, day or field is told twice, so that it is not clear which one holds.", "Keep one.")
	add(422, false, canonical.CodeRange, "Value out of range", "A number, amount or text is outside its bounds.", "Stay within the bounds that expected names.")
	add(422, false, canonical.CodeFormat, "Bad format", "A date, amount, instant, code or enumeration does not read as one.", "Use the form that expected shows.")
	add(422, false, canonical.CodeSpan, "Bad span", "The dates of an item contradict each other: the end before the start, no weekday, dates beside undated.", "Send from and to, both included; or from and open_ended; or undated.")
	add(422, false, canonical.CodeScope, "Not allowed at this scope", "The field cannot be told at this scope, or the scope names two kinds of rooms or rates.", "Rates are told at room type and rate plan, counts at rooms only, block numbers with a block.")
	add(422, false, canonical.CodeEmpty, "Says nothing", "A document, item or list that must say something is empty.", "Leave it out, or say what it is for.")
	add(422, false, canonical.CodeTooMany, "Too many", "More elements than the limit.", "Split the request.")
	add(422, false, "bad_parameter", "Bad parameter", "A query parameter or header is unknown, missing, or does not read as its type.", "See errors; pointer names the parameter.")
	// What an update is refused for.
	add(422, false, ari.CodeUnknownRoomType, "Unknown room type", "The property has no room type of this code.", "Make it first: PUT /v1/properties/{property}/room-types/{code}.")
	add(422, false, ari.CodeUnknownRoomClass, "Unknown room class", "The property has no room class of this code.", "Make it first: PUT /v1/properties/{property}/room-classes/{code}.")
	add(422, false, ari.CodeUnknownPool, "Unknown pool", "The property has no pool of this code.", "Make it first: PUT /v1/properties/{property}/pools/{code}.")
	add(422, false, ari.CodeUnknownRatePlan, "Unknown rate plan", "The property has no rate plan of this code.", "Make it first: PUT /v1/properties/{property}/rate-plans/{code}.")
	add(422, false, ari.CodeUnknownCategory, "Unknown rate category", "The property has no rate category of this code.", "Make it first: PUT /v1/properties/{property}/rate-categories/{code}.")
	add(422, false, ari.CodeUnknownBlock, "Unknown block", "The property has no block of this id.", "Make it first: PUT /v1/properties/{property}/blocks/{code}.")
	add(404, false, ari.CodeUnknownOverlay, "Unknown overlay", "There is no overlay or hold of this id; it may have expired.", "List what is there.")
	add(409, false, codeGateClosed, "Gate closed", "A condition of the stage does not hold: errors names each with what shows it.", "Do what fix says; GET /v1/properties/{property}/stage judges again.")
	add(409, false, "depends_on_refused", "Builds on a refused line", "A line of an import needs what another line makes, and that one was refused. Nothing is wrong with the line itself.", "Mend the line that expected names, and import again.")
	add(409, false, codeStageOrder, "Stage cannot follow", "The stage asked for cannot follow the one the property is in, or is not changed here.", "POST /v1/properties/{property}/stage; a live property leaves by being suspended.")
	add(403, false, ari.CodeNotOwner, "Another connection owns it", "Rates and counts have one owner per property: the first to write, until rates_owner or counts_owner moves it.", "Write through the owner, or move the ownership with PUT /v1/properties/{property}.")
	add(422, false, ari.CodePast, "In the past", "Nothing of the span is left after the past was cut off.", "Send dates from the day before yesterday on.")
	add(422, false, ari.CodeTooManyChannels, "Too many channels", "More channels were told of in the property than it may have: often a channel code that is another one in every message.", "Use the codes of your sales channels, or no channel.")
	add(422, false, ari.CodeTooManyCells, "Too many cells", "The update expands to more statements x dates than one update may.", "Split it by date.")
	add(422, false, ari.CodeTooManyStatements, "Too many statements", "The update holds more statements than one update may.", "Split it.")
	add(422, false, ari.CodeAdjustUnset, "Adjust of what was never told", "An adjust needs a value to add to.", "Set the count first.")
	add(422, false, ari.CodeAdjustBasis, "Adjust of the other basis", "The count is told as net, the adjust names components, or the reverse.", "Adjust a component of the basis that is told.")
	add(422, false, ari.CodeAdjustNoID, "Adjust without identity", "An adjust must be applied exactly once, and can only be told from its repeat by an identity.", "Send id in the update, or the header Idempotency-Key.")
	add(409, false, ari.CodeSuperseded, "Something newer was told", "The value came too late to be fitted under the adjusts that came since.", "Read the range again and send what holds now.")
	add(422, false, ari.CodeRateBasis, "Not the plan's basis", "The rate names a tax side or LOS tier that the plan does not have.", "See tax, basis and tiers of the rate plan.")
	add(422, false, ari.CodeDerivedCycle, "Derivation in a circle", "A plan would be derived from itself.", "Choose another parent.")
	add(422, false, ari.CodeDerivedMismatch, "Parent and child differ", "Currency, basis, tiers, period and per_person of a derived plan must be its parent's.", "Use the parent's.")
	add(422, false, ari.CodeBadObject, "Object refused", "A setting of the object is not possible.", "See expected.")
	add(409, false, ari.CodeInUse, "Still in use", "Another object names what is to be deleted.", "Change or delete that one first.")
	add(409, false, ari.CodeNotEnoughRooms, "Not enough rooms", "Fewer rooms are left on some night than were to be held. Nothing was held.", "Shop again.")
	add(409, false, ari.CodeHoldState, "Not possible in this state", "The hold is confirmed already, or is none.", "GET it to see its state.")
	// Identity and state.
	add(409, false, "identity_conflict", "Same identity, other content", "The Idempotency-Key (or the id of an adjust) was used before with other content.", "Use a new identity for new content.")
	add(409, false, "too_old", "Too old to be told from a repeat", "The source time is older than what identities are kept for.", "Read the range again and send what holds now.")
	add(409, false, "hold_differs", "Held already, differently", "There is a hold of this reference for other rooms, dates or products.", "Release it first, or use another reference.")
	add(412, false, "precondition_failed", "Changed since", "If-Match names another version, or If-None-Match: * and it exists.", "GET it, and repeat with its ETag.")
	add(422, false, "other_code", "Path and body differ", "The body names another code than the path.", "Leave the code out of the body.")
	add(404, false, "unknown_property", "Unknown property", "There is no property of this code, or the token's grant does not cover it.", "GET /v1/properties lists those you may see.")
	add(404, false, "not_found", "Not found", "There is no object of this name.", "List what is there.")
	add(404, false, "no_such_route", "No such route", "Nothing is at this path.", "See /openapi.json.")
	add(405, false, "method_not_allowed", "Method not allowed", "The path exists, with other methods.", "See the header Allow.")
	add(406, false, "not_acceptable", "Not acceptable", "The answer cannot be had in that media type.", "Accept application/json.")
	add(413, false, "body_too_large", "Body too large", "The body is larger than the route takes.", "Split it.")
	add(415, false, "unsupported_media_type", "Unsupported media type", "The body is of another type, or encoded in a way that is not read.", "Send application/json, plain or gzip.")
	add(410, false, "gone", "No longer kept", "The position, revision, instant or message is older than what is kept.", "Readers of the feed: read the present state, then go on from its position.")
	add(410, false, "other_epoch", "Position of another epoch", "The store was restored since the position was given out: what followed it may never have happened.", "Read the present state, then go on from its position.")
	add(503, true, "behind", "Not there yet", "This node has not reached the position of at_least within 2 s.", "Try again, or ask another node.")
	// Who.
	add(401, false, "unauthorized", "No valid token", "The token is missing, expired, made by another hub, or its client is disabled.", "Get one: POST /oauth/token with client_credentials.")
	add(503, true, "issuer_unreachable", "Issuer not reachable", "The token is of the external issuer, whose keys could not be read yet. The hub's own tokens are served.", "Try again; an operator sees the reason at /readyz.")
	add(401, false, "invalid_client", "Unknown client or wrong secret", "The token endpoint does not say which.", "Check id and secret; secrets are shown once only.")
	add(429, true, "too_many_attempts", "Too many wrong secrets", "Attempts are refused for a while after many wrong ones.", "Wait as Retry-After says.")
	add(400, false, "invalid_grant_type", "Unsupported grant", "The token endpoint knows client_credentials only.", "Send grant_type=client_credentials.")
	add(403, false, "missing_scope", "Scope missing", "The token does not allow this.", "Ask for the scope that detail names, if the client has it.")
	add(403, false, "not_whole_hub", "Needs a grant for all properties", "The route concerns the whole hub, the grant some properties only.", "Use a client without a list of properties.")
	add(403, false, "no_connection", "No connection to write as", "ARI is written as a connection; the client names none, or one that may not write this property.", "Set connection of the client, or properties of the connection.")
	// Passing trouble.
	add(429, true, "quota_exceeded", "Quota used up", "The client has sent more updates than it may. Nothing was applied.", "Wait as Retry-After says; an operator may raise the client's quota.")
	add(429, true, "source_busy", "Share of the queue used up", "Too many updates of this sender wait: the rest of the queue is for the others. Nothing was applied.", "Wait as Retry-After says.")
	add(429, true, "property_busy", "Queue of the property is full", "More updates of this property wait than may. Nothing was applied.", "Wait as Retry-After says; fewer, larger updates help.")
	add(503, true, "busy", "Queue is full", "More updates wait than may. Nothing was applied.", "Wait as Retry-After says.")
	add(503, true, "not_ready", "Not ready", "The picture is being loaded.", "Wait: see /ready.")
	add(503, true, "closing", "Shutting down", "The node is about to stop. Nothing was applied.", "Try again: another node takes over.")
	add(503, true, "no_writer", "No writer", "No node holds the store's lease for writing, or it could not be reached. Nothing was applied here.", "Try again: with the same identity, where it matters.")
	add(507, true, "store_full", "No space left", "The store has no space left. Nothing was applied.", "An operator must make space.")
	add(504, true, "timeout", "Took too long", "The request was not done in time. A write may have happened all the same.", "Repeat it with the same identity.")
	add(500, false, "internal", "Our fault", "A defect of the hub. The request id finds it in the log.", "Report it.")
	return m
}()

// fixes are what to do about an item's refusal, from the catalogue.
var fixes = func() map[string]string {
	out := map[string]string{}
	for code, c := range catalogue {
		out[code] = c.Fix
	}
	return out
}()

// ErrorsPage answers docs/errors.md: every problem code, as the catalogue has it.
func ErrorsPage() string {
	var b strings.Builder
	b.WriteString("# Problem codes\n\nGenerated from the catalogue in `httpapi/catalogue.go` (`go test ./httpapi -run ErrorsPage -update`); the API serves the same at `/errors/{code}`.\n\n" +
		"Every problem is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `code`, `detail`, `request_id`, `retryable`, and `errors`: one entry a\nfault with `code`, `pointer` (JSON pointer, RFC 6901), `expected`, `got` and `fix`. Codes are stable; within `/v1` they are only added.\n\n" +
		"| code | status | retry | when | what to do |\n|---|---|---|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(catalogue)) {
		c := catalogue[code]
		retry := "no"
		if c.Retryable {
			retry = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %d | %s | **%s.** %s | %s |\n", c.Code, c.Status, retry, c.Title, c.About, c.Fix)
	}
	return b.String()
}
