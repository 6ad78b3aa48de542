package hostile

import (
	"strings"
	"testing"
	"time"
)

type inner struct {
	Text  string
	Bytes []byte
	None  *inner // not followed without end
}

type outer struct {
	Named  namedText
	Many   []inner
	One    *inner
	Map    map[string]namedText
	When   time.Time
	hidden string
}

type namedText string

func TestEveryTextIsReached(t *testing.T) {
	t.Parallel()
	var o outer
	Fill(&o)
	o.Many[0].None, o.One.None = nil, nil
	var paths []string
	for _, f := range Fields(&o) {
		paths = append(paths, f.Path)
	}
	want := ".Named .Many[0].Text .Many[0].Bytes .One.Text .One.Bytes .Map (key) .Map (value)"
	if got := strings.Join(paths, " "); got != want {
		t.Fatalf("found %s, want %s", got, want)
	}
	for _, f := range Fields(&o) {
		f.Set("x")
	}
	if o.Named != "x" || o.Many[0].Text != "x" || string(o.Many[0].Bytes) != "x" || o.One.Text != "x" || o.Map["x"] != "x" || o.hidden != "" {
		t.Errorf("%+v", o)
	}
	if o.When.IsZero() {
		t.Error("a time is zero")
	}
}

func TestTextsAreDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, text := range Texts() {
		if seen[text.Name] || seen["="+text.Value] || text.Value == "" {
			t.Errorf("%s comes twice, or is empty", text.Name)
		}
		seen[text.Name], seen["="+text.Value] = true, true
	}
	if len(seen) < 80 {
		t.Errorf("only %d texts", len(seen)/2)
	}
}
