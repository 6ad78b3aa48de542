package main

import (
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

func TestPages(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := write(folder); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string][]string{
		"plimsoll.1":                   {"Exit codes: 0 nothing wrong", "--demo", "plimsoll-report(1)"},
		"plimsoll-report.1":            {"--require", "--format"},
		"plimsoll-verify-provenance.1": {"-c", "--json"},
	} {
		data := testfiles.Read(t, folder, page)
		text := strings.ReplaceAll(string(data), `\-`, "-")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", page, w)
			}
		}
	}
}
