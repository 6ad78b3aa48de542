package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// logFile is where --log-file writes: one JSON object a line.
type logFile struct {
	*slog.Logger
	file  *os.File // nil if nothing is logged
	lines *cleanLines
	ended func() // called before it is closed, or nil
}

// openLog is [openLog] for a run: what libraries say by themselves, as net/http does of
// a server that speaks unasked, goes there as well.
func (e Env) openLog(name string) (*logFile, error) {
	l, err := openLog(name)
	if err == nil && e.libraries != nil {
		e.libraries(l.Logger)
		l.ended = func() { e.libraries(slog.New(slog.DiscardHandler)) }
	}
	return l, err
}

// openLog opens the log for appending; only its owner may read it, since
// addresses of private registries stand in it. An empty name logs nowhere.
func openLog(name string) (*logFile, error) {
	if name == "" {
		return &logFile{Logger: slog.New(slog.DiscardHandler)}, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--log-file: %w", err)
	}
	lines := &cleanLines{w: f}
	handler := slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: slog.LevelDebug})
	return &logFile{Logger: slog.New(handler), file: f, lines: lines}, nil
}

// close returns the first error of writing the log: slog drops them.
func (l *logFile) close() error {
	if l.ended != nil {
		l.ended()
	}
	if l.file == nil {
		return nil
	}
	return errors.Join(l.lines.failed(), l.file.Close())
}

// cleanLines keeps what people wrote elsewhere from acting on the terminal of
// whoever reads the log: slog escapes the ASCII controls only.
type cleanLines struct {
	w   io.Writer
	err atomic.Pointer[error] // the first
}

func (c *cleanLines) Write(line []byte) (int, error) {
	if _, err := c.w.Write(untrusted.EscapeJSON(line)); err != nil {
		c.err.CompareAndSwap(nil, &err)
		return 0, err
	}
	return len(line), nil
}

func (c *cleanLines) failed() error {
	if err := c.err.Load(); err != nil {
		return *err
	}
	return nil
}

// loggingTransport logs every request: never its headers, and its address
// without a query, since both can hold credentials.
type loggingTransport struct {
	next http.RoundTripper
	log  *slog.Logger
	now  func() time.Time
}

func (t loggingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	start := t.now()
	resp, err := t.next.RoundTrip(req)
	attributes := []any{"url", string(registry.Redact(req.URL)), "ms", t.now().Sub(start).Milliseconds()}
	if err != nil {
		t.log.Warn("request", append(attributes, "error", untrusted.Message(err))...)
		return nil, err
	}
	t.log.Debug("request", append(attributes, "status", resp.StatusCode)...)
	return resp, nil
}
