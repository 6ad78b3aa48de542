package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Bundles that others made: those which sigstore-go tests itself with, where
// its module is unpacked.
func TestBundlesOfSigstoreGo(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/sigstore/sigstore-go").Output()
	data := filepath.Join(strings.TrimSpace(string(out)), "pkg", "testing", "data")
	if _, errData := os.Stat(data); err != nil || errData != nil {
		t.Skipf("sigstore-go's own test bundles are not here: %v, %v", err, errData)
	}
	dir := t.TempDir()
	artifact := filepath.Join(dir, "artifact")
	if err := os.WriteFile(artifact, []byte("test content"), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		js     = "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main"
		github = "https://token.actions.githubusercontent.com"
		local  = "http://oidc.local:8080"
		digest = "sha256:bc103b4a84971ef6459b294a2b98568a2bfb72cded09d4acd1e16366a401f95b"
	)
	identity := func(name, issuer string) []string {
		return []string{"--certificate-identity", name, "--certificate-oidc-issuer", issuer}
	}
	key := []string{"--key", filepath.Join(data, "public-keys", "public-key-validity.pem")}
	for _, tt := range []struct {
		name, bundle, root string
		who                []string
		subject, want      string // want is "" for one that verifies
	}{
		{"key and timestamp", "public-key-validity", "public-key-validity", key, artifact, ""},
		{"key, another artifact", "public-key-validity", "public-key-validity", key, digest, "failed to verify signature"},
		{"key, another trust root", "public-key-validity", "public-good", key, artifact, "not enough verified log entries"},
		{"a name of another kind", "othername", "scaffolding", identity("foo!oidc.local", local), digest, ""},
		{"another name", "othername", "scaffolding", identity("foo@oidc.local", local), digest, "does not verify"},
		// It is bound to a SHA-512, and the protocol knows SHA-256 only.
		{"npm, by a digest that it does not have", "sigstore.js@2.0.0-provenance", "public-good", identity(js, github), digest, "digest"},
		{"npm, another instance", "sigstore.js@2.0.0-provenance", "scaffolding", identity(js, github), digest, "not enough verified log entries"},
		{"old, without a certificate log", "dsse", "public-good", identity("x", github), digest, "does not verify"},
		{"two signatures, and a root certificate", "dsse-2sigs", "public-good", identity("x", github), digest, "root certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"--bundle", filepath.Join(data, "bundles", tt.bundle+".sigstore.json"),
				"--trusted-root", filepath.Join(data, "trusted-roots", tt.root+".json")}, tt.who...)
			code, stdout, stderr := verifyBundle(args, tt.subject)
			if stdout != "" || (code == 0) != (tt.want == "") || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit code %d, want %q: %s%s", code, tt.want, stdout, stderr)
			}
			t.Log(strings.TrimSpace(stderr))
		})
	}
}
