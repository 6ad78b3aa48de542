package registry

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

func TestText(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]untrusted.Text{
		`"a\u001b"`: "a\x1b", "\"\xff\"": "\ufffd", `""`: "", `7`: "", `null`: "", `["a"]`: "", `{"a":"b"}`: "", ``: "", `"a`: "",
	} {
		if got := Text(jsontext.Value(value)); got != want {
			t.Errorf("%s: got %q, want %q", value, string(got), string(want))
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"it is advertised, but the registry answers 404":                                    fmt.Errorf("get: %w", &statusError{Code: 404}),
		"it is advertised, but the registry answers 410":                                    &statusError{Code: 410},
		"it is advertised, but could not be fetched: the server answers 403 Forbidden":      &statusError{Code: 403},
		"it is advertised, but could not be fetched: the proxy \"p\" answers 404 Not Found": &statusError{Code: 404, proxy: "p"},
		`it is advertised, but could not be fetched: \x1b: not found`:                       fmt.Errorf("\x1b: %w", ErrNotFound),
		"it is advertised, but could not be fetched: " + strings.Repeat("x", 397) + "…":     errors.New(strings.Repeat("x", 500)),
	} {
		if got := Missing("it is advertised", err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	Progress(nil).Tell("nobody")
	told := ""
	Progress(func(text string) { told += text }).Tell("it")
	if told != "it" {
		t.Errorf("told %q", told)
	}
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, size int) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(strings.Repeat("x", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	file := write("largest", maxSettings)
	for _, c := range []struct {
		name  string
		size  int
		fails bool
	}{
		{file, maxSettings, false}, {write("larger", maxSettings+1), 0, true}, {dir, 0, true},
		{filepath.Join(dir, "absent"), 0, false}, {filepath.Join(file, "below"), 0, true}, {"", 0, false},
	} {
		if data, err := ReadSettings(c.name); len(data) != c.size || (err != nil) != c.fails {
			t.Errorf("%s: %d bytes, %v", c.name, len(data), err)
		}
	}
}
