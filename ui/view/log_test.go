package view

import (
	"strings"
	"testing"
	"time"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// Where an inclusion proof breaks is said in one sentence, and painted: the
// computed root, the claimed and the signed one.
func TestWhereAProofBreaks(t *testing.T) {
	t.Parallel()
	const green, red = "\x1b[32m", "\x1b[31m"
	tests := []struct {
		name   string
		mangle func(e *verify.BundleEntry)
		says   string
		green  bool
	}{
		{"it holds", func(*verify.BundleEntry) {}, "The entry is in the tree whose root the log signed.", true},
		{"wrong root", func(e *verify.BundleEntry) {
			e.Proof.Claimed, e.Inclusion, e.Checkpoint = sum("another root"), verify.Fail, verify.NotRun
		}, "Broken here: from this leaf the hashes lead to another root than the bundle claims.", false},
		{"root that the log did not sign", func(e *verify.BundleEntry) {
			e.Proof.Signed, e.Checkpoint = sum("another root"), verify.Fail
		}, "Broken here: the hashes lead to the root that the bundle claims, but the log signed another one.", false},
		{"forged checkpoint", func(e *verify.BundleEntry) { e.Checkpoint = verify.Fail },
			"Broken here: the hashes lead to this root, but the log's signature on it does not verify.", false},
		{"malformed", func(e *verify.BundleEntry) {
			e.Proof.Computed, e.Proof.Problem, e.Inclusion = nil, "too short", verify.Fail
		},
			"Broken here: the proof is malformed, so the hashes lead to no root at all.", false},
		{"not verified", func(e *verify.BundleEntry) { e.Inclusion, e.Checkpoint = verify.NotRun, verify.NotRun },
			"Recomputed, but not verified: nothing here is proven.", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := logEntry()
			tt.mangle(&e)
			p := newPage(Input{Width: 120}, theme.New(theme.Options{Color: true}))
			p.proof(&e)
			all := strings.Join(p.Lines(), "\n")
			verdict := strings.Split(all, "\n")[1]
			if !strings.Contains(verdict, tt.says) {
				t.Errorf("it says %q, want %q", verdict, tt.says)
			}
			if strings.Contains(verdict, green) != tt.green {
				t.Errorf("green is %v: %q", !tt.green, verdict)
			}
			if broken := strings.HasPrefix(tt.says, "Broken"); strings.Contains(all, red) != broken {
				t.Errorf("red is %v:\n%s", !broken, all)
			}
		})
	}
}

func TestACheckpointIsNotReachedWhereTheProofFailed(t *testing.T) {
	t.Parallel()
	e := logEntry()
	e.Inclusion, e.Checkpoint = verify.Fail, verify.NotRun
	p := newPage(Input{Width: 120}, plainTheme)
	p.entry(&verify.Bundle{Log: []verify.BundleEntry{e}}, 0)
	if all := strings.Join(p.Lines(), "\n"); !strings.Contains(all, "not reached: the inclusion proof failed") {
		t.Errorf("the checkpoint reads as if it had not been looked at:\n%s", all)
	}
}

func TestDistanceFromTheCertificate(t *testing.T) {
	t.Parallel()
	c := &verify.Certificate{NotBefore: signedAt, NotAfter: signedAt.Add(10 * time.Minute)}
	for want, at := range map[string]int{"30 seconds ": -30, "": 60, "50 minutes ": 3600} {
		if got := distance(c, signedAt.Add(time.Duration(at)*time.Second)); got != want {
			t.Errorf("%d seconds after the start: %q, want %q", at, got, want)
		}
	}
}

// Who says the same stands together, the certificate first.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	p := newPage(Input{Width: 80}, plainTheme)
	got := p.witnesses(&verify.Comparison{Spec: "a", Certificate: "b", Statement: "b", Registry: "a"})
	if len(got) != 2 || got[0] != (named{"certificate, statement", "b"}) || got[1] != (named{"spec, registry", "a"}) {
		t.Errorf("witnesses = %v", got)
	}
	if got := p.witnesses(&verify.Comparison{Registry: "x"}); len(got) != 1 || got[0].name != "registry" {
		t.Errorf("witnesses = %v", got)
	}
}

// Every timestamp is listed, and what it is worth.
func TestTimestampsAreListed(t *testing.T) {
	t.Parallel()
	in := npmVerified()
	in.Dossier.Bundles[0].Timestamps = []verify.Timestamp{
		{Authority: "https://tsa.example", Time: signedAt, Status: verify.Pass, Reason: "within the certificate's validity"},
		{Authority: "CN=\x1b[31mstranger", Time: signedAt, Status: verify.NotApplicable, Reason: "not used: the trust root does not hold the authority"},
		{Status: verify.NotApplicable, Reason: "not used: it cannot be read: garbage"},
	}
	in.Width = 200
	text := strings.Join(Render(Log, in, theme.New(theme.Options{})).Text(), "\n")
	for _, want := range []string{
		"Timestamp 1 of 3", "https://tsa.example", "within the certificate's validity",
		"Timestamp 2 of 3", `CN=\x1b[31mstranger`, "not used: the trust root does not hold the authority",
		"Timestamp 3 of 3", "not used: it cannot be read: garbage",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q in\n%s", want, text)
		}
	}
}
