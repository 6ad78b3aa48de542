package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"plimsoll/verify"
)

// toolScreen is the catalog of toolOptions after the answers, and its tools.
func toolScreen() (*Model, *tools) {
	o, used := toolOptions()
	o.Examine = examineTools
	return send(New(o), full, toolEvents()), used
}

func TestCopy(t *testing.T) {
	t.Parallel()
	const link = acme + "/tree/" + commitID
	tests := []struct {
		name string
		keys []string
		want string
		says string
	}{
		{"name", []string{"y", "n"}, "@acme/http-client", "copied the name"},
		{"name and version", []string{"y", "v"}, "@acme/http-client@2.4.1", "copied the name and version"},
		{"on PyPI", []string{"j", "y", "v"}, "left-padder==1.3.0", "copied the name and version"},
		{"digest", []string{"y", "d"}, "sha512:" + sha512, "copied the digest"},
		{"publisher", []string{"y", "p"}, acme, "copied the publisher"},
		{"log index", []string{"enter", "y", "l"}, "134822109", "copied the log index"},
		{"link", []string{"y", "u"}, link, "copied the link to the source at the commit"},
		{"link at once", []string{"Y"}, link, "copied the link to the source at the commit"},
		{"moved and entered", []string{"y", "down", "down", "enter"}, "sha512:" + sha512, "copied the digest"},
		{"value of the first tab", []string{"y", "y", "/", "sha512", "enter", "enter"}, "sha512:" + sha512, "copied the value of digest"},
		{"value of another tab", []string{"enter", "4", "y", "y", "jj", "enter"}, acme, "copied the value of repository"},
		{"nothing proven", []string{"j", "y", "p"}, "", "publisher: nothing proves one"},
		{"nothing to link", []string{"j", "Y"}, "", "nothing that is proven about uvx/left-padder can be linked"},
		{"control characters", []string{"jj", "y", "n"}, "", `not copied: the name holds the control character \x1b, which would act where it is pasted`},
		{"control characters of a statement", []string{"jj", "enter", "5", "y", "y", "enter"}, "", `not copied: the value of type holds the control character \x1b, which would act where it is pasted`},
		{"characters that cannot be seen", []string{"jj", "y", "p"}, "https://github.com/evil\u202e/x", "copied the publisher; it holds characters that cannot be seen"},
		{"escape", []string{"y", "esc"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, used := toolScreen()
			do(m, tt.keys...)
			if got := strings.Join(used.clip, "|"); got != tt.want {
				t.Errorf("the clipboard has %q, want %q", got, tt.want)
			}
			if m.toast != tt.says {
				t.Errorf("it says %q, want %q", m.toast, tt.says)
			}
		})
	}
}

func TestCopyDocument(t *testing.T) {
	t.Parallel()
	m, used := toolScreen()
	do(m, "y", "j")
	if len(used.clip) != 1 || !strings.HasPrefix(used.clip[0], "{\n") || !strings.Contains(used.clip[0], `"plimsoll/report/v1"`) {
		t.Errorf("the clipboard has %q, want the package's JSON", used.clip)
	}
}

func TestWhatBecameOfACopy(t *testing.T) {
	t.Parallel()
	failed := errors.New("xsel: cannot open\x1b display")
	c := copying{what: "the digest", text: strings.Repeat("x", 10)}
	tests := []struct {
		name             string
		terminal, system error
		want             string
	}{
		{"both", nil, nil, "copied the digest"},
		{"over ssh", nil, failed, "copied the digest"},
		{"too large for the terminal", errTooLarge, nil, "copied the digest to the system's clipboard; it is too large for the terminal's clipboard"},
		{"too large, and no other", errTooLarge, errNoClipboard,
			"not copied: the digest has 10 bytes, too large for the terminal's clipboard; no clipboard here besides the terminal's"},
		{"neither", errors.New("no terminal"), failed, `not copied: no terminal; xsel: cannot open\x1b display`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.outcome(tt.terminal, tt.system); got != tt.want {
				t.Errorf("it says %q, want %q", got, tt.want)
			}
		})
	}
}

func TestConsole(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c, w := newConsole(t.Context(), &out, false)
	if err := c.copy("a\u202eb"); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "\x1b]52;c;YeKArmI=\x07"; got != want {
		t.Errorf("the terminal got %q, want %q", got, want)
	}
	out.Reset()
	c.tmux = true
	if err := c.copy("x"); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "\x1b]52;c;eA==\x07\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\"; got != want {
		t.Errorf("tmux got %q, want %q", got, want)
	}
	out.Reset()
	largest := maxOSC52 / 4 * 3
	if err := c.copy(strings.Repeat("x", largest+1)); !errors.Is(err, errTooLarge) || out.Len() > 0 {
		t.Errorf("%d bytes: %v, %d bytes were written", largest+1, err, out.Len())
	}
	if err := c.copy(strings.Repeat("x", largest)); err != nil {
		t.Errorf("%d bytes: %v", largest, err)
	}
	c.close()
	if _, err := w.Write([]byte("late")); err == nil || strings.Contains(out.String(), "late") {
		t.Error("something was written after the terminal was given back")
	}
	var none *console
	if err := none.copy("x"); err == nil {
		t.Error("a copy without a terminal went well")
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	m, used := toolScreen()
	do(m, "o", "r")
	if want := []string{acme + "/actions/runs/755/attempts/1"}; len(used.opened) != 1 || used.opened[0] != want[0] {
		t.Errorf("opened %q, want %q", used.opened, want)
	}
	if do(m, "o", "p"); m.overlay == nil || !strings.Contains(m.toast, "names no page") {
		t.Errorf("an entry without a link: it says %q", m.toast)
	}
	do(m, "esc")
	used.openErr = errors.New("exit status 3")
	do(m, "o", "enter")
	if len(used.clip) != 1 || used.clip[0] != acme+"/tree/"+commitID {
		t.Errorf("without a browser the clipboard has %q, want the link", used.clip)
	}
	m.options.Open = nil
	do(m, "o", "w")
	if want := acme + "/blob/" + commitID + "/.github/workflows/release.yml"; used.clip[1] != want || len(used.opened) != 2 {
		t.Errorf("over ssh the clipboard has %q, want %q", used.clip, want)
	}
	if want := "no browser here; copied the link to the workflow file at the commit"; m.toast != want {
		t.Errorf("it says %q, want %q", m.toast, want)
	}
	said := func(text message) bool { return text.text == "no browser here: "+used.clip[1] }
	if !slices.ContainsFunc(m.journal.messages, said) {
		t.Error("the link is not shown")
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	replace := func(name string) []string {
		keys := []string{"E"}
		for range 60 {
			keys = append(keys, "backspace")
		}
		return append(keys, name, "enter")
	}
	tests := []struct {
		name, file, begins, holds string
		keys                      []string
	}{
		{"table", "plimsoll.json", "{\n", `"plimsoll/reports/v1"`, []string{"E", "enter"}},
		{"package", "acme-http-client-2.4.1.json", "{\n", `"plimsoll/report/v1"`, []string{"enter", "E", "enter"}},
		{"Markdown", "a.md", "# Provenance of 3 packages", "", replace("a.md")},
		{"CSV of what the filter lets through", "b.CSV", "purl,", "left-padder", append([]string{"/", "padder", "enter"}, replace("b.CSV")...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, used := toolScreen()
			do(m, tt.keys...)
			got := used.files[tt.file]
			if !strings.HasPrefix(got, tt.begins) || !strings.Contains(got, tt.holds) {
				t.Errorf("%s holds %q; it says %q", tt.file, got, m.toast)
			}
			if !strings.HasPrefix(m.toast, "wrote ") {
				t.Errorf("it says %q", m.toast)
			}
			if tt.name == "CSV of what the filter lets through" && strings.Contains(got, "pkg:npm") {
				t.Error("the file has what the filter hides")
			}
		})
	}
}

func TestExportAsksBeforeItOverwrites(t *testing.T) {
	t.Parallel()
	m, used := toolScreen()
	used.fileErr = func(_ string, overwrite bool) error {
		if !overwrite {
			return fmt.Errorf("write: %w", fs.ErrExist)
		}
		return nil
	}
	do(m, "E", "enter")
	if !strings.Contains(m.View(), "plimsoll.json exists. Overwrite it?") {
		t.Fatal("it does not ask")
	}
	if do(m, "x", "n"); len(used.files) != 0 || m.overlay != nil {
		t.Fatal("it was written although the answer was no")
	}
	if do(m, "E", "enter", "y"); len(used.files) != 1 || !strings.HasPrefix(m.toast, "wrote 3 packages to plimsoll.json") {
		t.Errorf("%d files after yes; it says %q", len(used.files), m.toast)
	}
	used.fileErr = func(string, bool) error { return errors.New("no space\x1b left") }
	if do(m, "E", "enter"); m.toast != `not written: no space\x1b left` {
		t.Errorf("it says %q", m.toast)
	}
}

func TestExportNeedsAnEndingItKnows(t *testing.T) {
	t.Parallel()
	m, used := toolScreen()
	do(m, "E", "x", "enter")
	if m.overlay == nil || !strings.Contains(m.toast, ".json, .md or .csv") || len(used.files) != 0 {
		t.Errorf("a name that ends in .jsonx: it says %q, wrote %v", m.toast, used.files)
	}
	do(m, "backspace", "enter")
	if len(used.files) != 1 {
		t.Error("the name could not be mended")
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"@acme/http-client-2.4.1": "acme-http-client-2.4.1", "../../etc/passwd": "etc-passwd", "a\x1b[2J\nb": "a-2J-b",
		"日本": "package", "": "package", "~/.ssh": "ssh", "-rf": "rf",
	} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLogIndexIsThatOfTheProvenance(t *testing.T) {
	t.Parallel()
	entry := func(kind verify.Kind, status verify.Status, index int64, signed bool) verify.Attestation {
		return verify.Attestation{Kind: kind, Status: status, Log: []verify.LogEntry{{Index: index, IndexSigned: signed}}}
	}
	tests := []struct {
		name string
		list []verify.Attestation
		want string
	}{
		{"publish attestation first", []verify.Attestation{entry(verify.KindPublish, verify.Verified, 1, true), entry(verify.KindProvenance, verify.Verified, 2, true)}, "2"},
		{"publish attestation only", []verify.Attestation{entry(verify.KindPublish, verify.Verified, 1, true)}, "1"},
		{"invalid", []verify.Attestation{entry(verify.KindProvenance, verify.Invalid, 2, true)}, ""},
		{"index not signed", []verify.Attestation{entry(verify.KindProvenance, verify.Verified, 2, false)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := logIndex(&verify.Report{Artifacts: []verify.ArtifactReport{{Attestations: tt.list}}}); got != tt.want {
				t.Errorf("logIndex = %q, want %q", got, tt.want)
			}
		})
	}
}
