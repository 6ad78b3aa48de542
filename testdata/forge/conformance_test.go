package main

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/testdata/hostile"
	"plimsoll/ui/cli"
)

// vector is one case in the form of the sigstore-conformance suite: a bundle
// and what it is verified with. "" and nil stand for the kit's own.
type vector struct {
	bundle   []byte
	root     []byte
	key      []byte // PEM: verified with it in place of the identity
	artifact []byte
	identity string
	both     bool // the key and the identity are given
}

// conformanceCase is named as the suite's case of the same kind.
type conformanceCase struct {
	name string
	make func(k *kit) vector
	want string // that plimsoll must say; "" for a case that must verify
}

// kit is a Sigstore with everything that a case may need.
type kit struct {
	w, evil           workshop
	tiles             *rekorLog
	stamper, stranger *timestamper
	id                identity
	when              time.Time
	artifact          []byte
	statement         []byte
}

func newKit() *kit {
	artifact := []byte("an artifact\n")
	return &kit{
		w:    workshop{newAuthority("conformance"), newCTLog("ct.conformance.example"), newRekorLog("rekor.conformance.example", 4000, 300)},
		evil: workshop{newAuthority("somebody else"), newCTLog("ct.elsewhere.example"), newRekorLog("rekor.elsewhere.example", 0, 40)},
		// One leaf is already there, so that proofs are not empty.
		tiles:   newRekorLog("tiles.conformance.example", 0, 70),
		stamper: newTimestamper("tsa.conformance.example", at("2042-01-01T00:00:00Z")), stranger: newTimestamper("tsa.elsewhere.example", at("2042-01-01T00:00:00Z")),
		id:       github("conformance/beacon", "beacon.yml", "refs/heads/main"),
		when:     at("2025-10-01T10:00:00Z"),
		artifact: artifact,
		statement: []byte(`{"_type":"` + statementV1 + `","subject":[{"name":"a.txt","digest":{"sha256":"` +
			hex.EncodeToString(sum(artifact)) + `"}}],"predicateType":"https://predicate.example/v1","predicate":{}}`),
	}
}

// message is a v0.3 bundle over the artifact, logged in Rekor v1.
func (k *kit) message() signing {
	return signing{w: k.w, identity: k.id, at: k.when, artifact: k.artifact, version: "0.3", kind: "hashedrekord"}
}

// attested is the same over the statement.
func (k *kit) attested(kind string) signing {
	s := k.message()
	s.statement, s.kind = k.statement, kind
	return s
}

// tiled is a bundle over the artifact, logged in Rekor v2 and timestamped.
func (k *kit) tiled() signing {
	s := k.message()
	s.tiles, s.stamps = k.tiles, []moment{{k.stamper, 3 * time.Second}}
	return s
}

// trust is the kit's trust root.
func (k *kit) trust() anchors {
	return anchors{w: k.w, tiles: k.tiles, stamps: []*timestamper{k.stamper}}
}

// spoil makes a case of a bundle that was changed after it was signed.
func spoil(of func(k *kit) signing, change func(k *kit, b *signedBundle)) func(*kit) vector {
	return func(k *kit) vector {
		b := of(k).bundle()
		change(k, b)
		return vector{bundle: b.json()}
	}
}

// other makes a case of a bundle that was ordered otherwise.
func other(of func(k *kit) signing, change func(k *kit, s *signing)) func(*kit) vector {
	return func(k *kit) vector {
		s := of(k)
		change(k, &s)
		return vector{bundle: s.bundle().json()}
	}
}

func publicPEM(key signer) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: key.spki()})
}

// Every case of sigstore-conformance's bundle-verify has one of its kind here,
// and is run as the suite runs its own: by path and by digest; and inspect says
// the same.
func TestConformance(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	good, bad := 0, 0
	var n both
	for _, tt := range madeCases() {
		if fails := strings.HasSuffix(tt.name, "_fail"); fails != (tt.want != "") {
			t.Fatalf("%s: the name and the expectation disagree", tt.name)
		} else if fails {
			bad++
		} else {
			good++
		}
		t.Run(tt.name, func(t *testing.T) {
			k, v := tt.kit, tt.vector
			dir := t.TempDir()
			artifact, digest := v.files(t, k, dir)
			n.vector(t, tt.name, k, v, tt.want == "")
			for _, how := range []struct {
				name, subject string
				before        []string
			}{{"path", artifact, nil}, {"digest", digest, nil}, {"staging", artifact, []string{"--staging"}}} {
				t.Run(how.name, func(t *testing.T) {
					code, stdout, stderr := verifyBundle(append(how.before, v.arguments(k, dir)...), how.subject)
					if stdout != "" {
						t.Errorf("it prints %q", stdout)
					}
					if tt.want == "" {
						if code != 0 || stderr != "" {
							t.Errorf("exit code %d: %s", code, stderr)
						}
						return
					}
					if code == 0 || !strings.HasPrefix(stderr, "plimsoll: ") || !strings.Contains(stderr, tt.want) {
						t.Errorf("exit code %d, want another, and %q: %s", code, tt.want, stderr)
					}
				})
			}
		})
	}
	if good < 25 || bad < 55 {
		t.Errorf("%d cases that verify and %d that do not", good, bad)
	}
	if n.compared > 150 && n.differed > n.compared/3 { // not by -run of a few
		t.Errorf("%d compared with inspect, %d held, %d differed by demand", n.compared, n.held, n.differed)
	}
}

// files writes a case as the suite does.
func (v vector) files(t *testing.T, k *kit, dir string) (artifact, digest string) {
	t.Helper()
	write := func(name string, data, fallback []byte) []byte {
		if data == nil {
			data = fallback
		}
		if data != nil {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return data
	}
	write("bundle.sigstore.json", v.bundle, nil)
	write("trusted_root.json", v.root, k.trust().json())
	write("key.pub", v.key, nil)
	data := write("artifact", v.artifact, k.artifact)
	return filepath.Join(dir, "artifact"), "sha256:" + hex.EncodeToString(sum(data))
}

// arguments are in the order of the suite's protocol.
func (v vector) arguments(k *kit, dir string) []string {
	identity := v.identity
	if identity == "" {
		identity = k.id.san
	}
	who := []string{"--certificate-identity", identity, "--certificate-oidc-issuer", k.id.ext[extIssuer]}
	if v.key != nil {
		key := []string{"--key", filepath.Join(dir, "key.pub")}
		if v.both {
			who = append(key, who...)
		} else {
			who = key
		}
	}
	args := append([]string{"--bundle", filepath.Join(dir, "bundle.sigstore.json")}, who...)
	return append(args, "--trusted-root", filepath.Join(dir, "trusted_root.json"))
}

// verifyBundle runs the real command line.
func verifyBundle(args []string, subject string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = cli.Main(append(append([]string{"verify-bundle"}, args...), subject), cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		Now: func() time.Time { return at(recorded) }, IsTerminal: func(any) bool { return false },
	})
	return code, out.String(), errs.String()
}

// madeCase is a case as it was made, with what it was made with.
type madeCase struct {
	conformanceCase
	kit    *kit
	vector vector
}

// madeCases are all cases, made once for all tests, which change nothing of them.
var madeCases = sync.OnceValue(func() []madeCase {
	var all []madeCase
	for _, c := range conformanceCases() {
		k := newKit()
		all = append(all, madeCase{c, k, c.make(k)})
	}
	return all
})

func conformanceCases() []conformanceCase {
	var all []conformanceCase
	all = append(all, happyCases()...)
	all = append(all, bundleCases()...)
	all = append(all, logCases()...)
	all = append(all, envelopeCases()...)
	all = append(all, tileCases()...)
	all = append(all, stampCases()...)
	return append(all, keyCases()...)
}

// happyCases are kinds of bundles that verify.
func happyCases() []conformanceCase {
	version := func(v string) func(*kit) vector {
		return other((*kit).message, func(_ *kit, s *signing) { s.version = v })
	}
	logged := func(kind, v string) func(*kit) vector {
		return func(k *kit) vector {
			s := k.attested(kind)
			s.version = v
			return vector{bundle: s.bundle().json()}
		}
	}
	return []conformanceCase{
		{"happy-path-v0.1", version("0.1"), ""},
		{"happy-path-v0.2", version("0.2"), ""},
		{"happy-path-v0.3-new-mediaType", version("0.3"), ""},
		{"happy-path-v0.3", spoil((*kit).message, func(_ *kit, b *signedBundle) { b.MediaType = mediaType("0.2")[:len(mediaType("0.2"))-3] + "0.3" }), ""},
		{"happy-path-v0.1-with-inclusion-proof", spoil(func(k *kit) signing { s := k.message(); s.version = "0.2"; return s },
			func(_ *kit, b *signedBundle) { b.MediaType = mediaType("0.1") }), ""},
		{"happy-path-intoto-in-dsse-v3", logged("dsse", "0.3"), ""},
		{"happy-path-dsse-v0.1", logged("dsse", "0.1"), ""},
		{"happy-path-dsse-v0.2", logged("dsse", "0.2"), ""},
		{"happy-path-intoto-v0.1", logged("intoto", "0.1"), ""},
		{"happy-path-intoto-v0.2", logged("intoto", "0.2"), ""},
		{"intoto-with-custom-trust-root", logged("intoto", "0.3"), ""},
		{"intoto-with-timestamp", other(func(k *kit) signing { return k.attested("intoto") },
			func(k *kit, s *signing) { s.stamps = []moment{{k.stamper, 2 * time.Second}} }), ""},
		{"bundle-with-sct-with-extensions", other((*kit).message, func(k *kit, s *signing) {
			s.w.ct = newCTLog(k.w.ct.host)
			s.w.ct.extensions = []byte{0, 0, 5, 1, 2, 3, 4, 5}
		}), ""},
		{"sct-duplicate-intermediate-name", func(k *kit) vector {
			trust := k.trust()
			decoy := newAuthority("decoy")
			decoy.intermediate.RawSubject, decoy.intermediate.Subject = k.w.ca.intermediate.RawSubject, k.w.ca.intermediate.Subject
			twin := create(decoy.intermediate, decoy.root, newKey(k.w.ca.key.Curve, "twin"), newKey(k.w.ca.key.Curve, "decoy root"))
			trust.more = append(trust.more, &root.FulcioCertificateAuthority{
				Root: decoy.root, Intermediates: []*x509.Certificate{twin}, ValidityPeriodStart: at(trustStart), URI: "https://decoy.example"})
			return vector{bundle: k.message().bundle().json(), root: trust.json()}
		}, ""},
		{"trust-root-tlog-validity-end-inclusive", func(k *kit) vector {
			b := k.message().bundle()
			trust := k.trust()
			trust.change = func(l *root.TransparencyLog) { l.ValidityPeriodEnd = time.Unix(b.entry().IntegratedTime, 0) }
			return vector{bundle: b.json(), root: trust.json()}
		}, ""},
	}
}
