package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// requestKey finds the request id in a context.
type requestKey struct{}

// WithRequestID answers a context whose log lines carry the request id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID answers the context's request id, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func newLogger(c Config) (*slog.Logger, error) {
	var level slog.Level
	if c.LogLevel != "" {
		if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
			return nil, fmt.Errorf("log level %q: want debug, info, warn or error", c.LogLevel)
		}
	}
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: hideSecrets}
	switch c.LogFormat {
	case "", "text":
		return slog.New(withIDs{slog.NewTextHandler(c.LogTo, opts)}), nil
	case "json":
		return slog.New(withIDs{slog.NewJSONHandler(c.LogTo, opts)}), nil
	}
	return nil, fmt.Errorf("log format %q: want text or json", c.LogFormat)
}

// hidden are parts of names of attributes whose values never reach a log (S37). It is a second line: nothing should log them.
var hidden = []string{"password", "passwd", "secret", "authorization", "token", "cookie", "private_key", "card", "guest"}

func hideSecrets(_ []string, a slog.Attr) slog.Attr {
	name := strings.ToLower(a.Key)
	for _, h := range hidden {
		if strings.Contains(name, h) {
			return slog.String(a.Key, "hidden")
		}
	}
	return a
}

// withIDs adds trace, span and request ids of the context to every line.
type withIDs struct{ slog.Handler }

// Handle adds the ids.
func (h withIDs) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		r.AddAttrs(slog.String("trace_id", sc.TraceID().String()), slog.String("span_id", sc.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the ids coming on derived loggers.
func (h withIDs) WithAttrs(a []slog.Attr) slog.Handler { return withIDs{h.Handler.WithAttrs(a)} }

// WithGroup keeps the ids coming on derived loggers.
func (h withIDs) WithGroup(name string) slog.Handler { return withIDs{h.Handler.WithGroup(name)} }
