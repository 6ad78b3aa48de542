package yamlfile

import (
	"strings"
	"testing"
)

func TestBool(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text           string
		value, present bool
		fails          string
	}{
		{"a: true", true, true, ""},
		{"a: false", false, true, ""},
		{"b: true", false, false, ""},
		{"a: yes", false, false, "f.yaml:1: a: expected true or false"},
		{"a: True", false, false, `f.yaml:1: a: expected true or false, found "True"`},
		{"a: FALSE", false, false, `expected true or false, found "FALSE"`},
		{"a: \"true\"", false, false, "expected true or false"},
		{"a: 1", false, false, "expected true or false"},
		{"a: [true]", false, false, "expected true or false"},
	} {
		file, m := Parse([]byte(tt.text+"\n"), "f.yaml", 100)
		value, present := m.Bool("a")
		if value != tt.value || present != tt.present {
			t.Errorf("%s: got %v, %v", tt.text, value, present)
		}
		if err := file.Err(); (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: got %v, want %q", tt.text, err, tt.fails)
		}
	}
}
