package httpapi

import (
	"errors"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
)

// inKind is how an endpoint that is not REST answers the errors of a submission in its own kind.
type inKind struct {
	items func(*ari.UpdateError) error // items were refused
	busy  func(error) error            // come back later (S27)
	other func(*Problem) error
}

// submitError answers an error of the hub in kind. What another node must write is answered as it is, and so forwarded; what nobody outside can
// mend is logged.
func (r *request) submitError(err error, in inKind) error {
	var u *ari.UpdateError
	var notWriter *hub.NotWriterError
	var busy *hub.BusyError
	switch {
	case errors.As(err, &notWriter) && notWriter.Address != "" && !r.who.forwarded:
		return notWriter
	case errors.As(err, &u):
		return in.items(u)
	case errors.As(err, &busy):
		return in.busy(err)
	}
	return in.other(problemOf(err))
}

// failed logs an error that is ours.
func (r *request) failed(err error) {
	r.api.o.Log.Error("request failed", "route", r.route.pattern, "request_id", r.id, "error", err.Error())
}
