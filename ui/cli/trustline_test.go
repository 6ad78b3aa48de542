package cli

import (
	"testing"

	"plimsoll/ui/report"
)

// The line under the header is a sentence, never a bare path.
func TestTrustLine(t *testing.T) {
	for _, tt := range []struct {
		trust report.Trust
		o     options
		want  string
	}{
		{report.Trust{Origin: "TUF", Root: "the public-good Sigstore, by TUF"}, options{}, ""},
		{report.Trust{Origin: "TUF", Root: "TUF repository x"}, options{tufMirror: "x"}, "trust root: TUF repository x"},
		{report.Trust{Origin: "file", Root: "a/root.json"}, options{}, "trust root: the file a/root.json"},
		{report.Trust{Origin: "recording", Root: "the recording's trust root"}, options{}, "a recording, checked against its own trust root"},
		{report.Trust{Origin: "demo", Root: "the demo's own trust root", Demo: true}, options{demo: demoAttacks}, "demo: made-up evidence, its own trust root"},
		{report.Trust{Origin: "demo", Root: "the demo's own trust root", Demo: true}, options{demo: demoHonest},
			"demo: made-up evidence, its own trust root; --demo=attacks has what fails"},
	} {
		if got := trustLine(tt.trust, tt.o); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.trust, got, tt.want)
		}
	}
}
