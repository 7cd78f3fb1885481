package node

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/telemetry"
)

// traced is a hub whose submissions leave spans under the request's: queue, apply, commit and fold, from the times that the receipt tells. The hub
// itself knows nothing of traces.
type traced struct {
	*hub.Hub
	tracer trace.Tracer
}

// Submit is hub.Service's.
func (t *traced) Submit(ctx context.Context, s *hub.Submission) (hub.Receipt, error) {
	property, statements := s.Update.Property, len(s.Update.Statements) // s is the hub's from here on
	if at := telemetry.Started(ctx); !at.IsZero() {
		_, decode := t.tracer.Start(ctx, "decode", trace.WithTimestamp(at)) // who is it, what does it say
		decode.End()
	}
	ctx, span := t.tracer.Start(ctx, "submit")
	r, err := t.Hub.Submit(ctx, s)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("property", property), attribute.Int("statements", statements), attribute.String("message.id", r.MessageID),
			attribute.String("verdict", r.Verdict), attribute.Int64("revision", r.Revision))
		t.way(ctx, &r.Way)
		var refused *ari.UpdateError
		if err != nil && !errors.As(err, &refused) {
			span.SetStatus(codes.Error, err.Error())
		}
	}
	span.End()
	return r, err
}

// way leaves the spans between the times of a way. The last, fold, ends with the answer.
func (t *traced) way(ctx context.Context, w *hub.Way) {
	if w.Judged.IsZero() {
		return
	}
	span := func(name string, at trace.SpanStartEventOption, end ...trace.SpanEndOption) {
		_, s := t.tracer.Start(ctx, name, at)
		s.End(end...)
	}
	span("queue", trace.WithTimestamp(w.Arrived), trace.WithTimestamp(w.Judged))
	if w.Committing.IsZero() {
		span("apply", trace.WithTimestamp(w.Judged))
		return
	}
	span("apply", trace.WithTimestamp(w.Judged), trace.WithTimestamp(w.Committing))
	span("commit", trace.WithTimestamp(w.Committing), trace.WithTimestamp(w.Committed))
	span("fold", trace.WithTimestamp(w.Committed))
}
