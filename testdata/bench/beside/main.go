// Command beside makes a set of packages that plimsoll and the verifiers of others
// check as whole processes, and verifies it with sigstore-go alone.
//
//	go run ./testdata/bench/beside FOLDER
//	go run ./testdata/bench/beside -alone FOLDER
//
// The first writes below FOLDER, which must not exist: catalog, 200 specs out of the
// demo's npm packages that verify, over and over; bundles, those of each: provenance,
// and what the registry's key signed; trusted_root.json and npm-keys.json, the demo's. The second verifies the bundles as a program of
// thirty lines would. ../README.md says how others are measured on the same set.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/testdata/demo"
	"plimsoll/verify"
	"plimsoll/verify/trust"
)

// packages is how many the set has.
const packages = 200

// The demo's trust, in its recording and in the set.
const (
	trustedRoot = "trusted_root.json"
	npmKeys     = "npm-keys.json"
)

func main() {
	alone := flag.Bool("alone", false, "verify the set with sigstore-go")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	do := write
	if *alone {
		do = verifyAlone
	}
	if err := do(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "beside:", err)
		os.Exit(1)
	}
}

// attested is a package of the demo that verifies.
type attested struct {
	server, spec string
	bundles      [][]byte
}

var (
	expected = regexp.MustCompile(`(?m)^  expect: "verified"`)
	// unreadable is a package whose bundle carries a timestamp besides that nobody can read:
	// sigstore-js refuses it, which is its right.
	unreadable = "timestamps-not-used"
	released   = regexp.MustCompile(`(?m)^  package: "(.+)"\n  version: "(.+)"`)
)

// demoPackages returns the npm packages of the demo that verify.
func demoPackages() (found []attested, err error) {
	for _, c := range demo.Catalogs() {
		specs, err := fs.Glob(c.FS, "npx/*/spec.yaml")
		if err != nil {
			return nil, err
		}
		for _, name := range specs {
			text, err := fs.ReadFile(c.FS, name)
			if err != nil {
				return nil, err
			}
			release := released.FindSubmatch(text)
			if release == nil || !expected.Match(text) || path.Base(path.Dir(name)) == unreadable {
				continue
			}
			bundles, err := attestations(string(release[1]), string(release[2]))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found = append(found, attested{server: path.Base(path.Dir(name)), spec: string(text), bundles: bundles})
		}
	}
	if len(found) < 10 {
		return nil, fmt.Errorf("only %d packages of the demo verify", len(found))
	}
	return found, nil
}

// attestations returns the bundles that the demo's npm registry serves for a release.
func attestations(name, version string) (bundles [][]byte, err error) {
	recording := demo.Recording()
	index, err := fs.ReadFile(recording, "recording.json")
	if err != nil {
		return nil, err
	}
	var recorded struct {
		Responses []struct{ URL, Body string }
	}
	if err := json.Unmarshal(index, &recorded); err != nil {
		return nil, err
	}
	for _, r := range recorded.Responses {
		if !strings.Contains(r.URL, "attestations/") || !strings.HasSuffix(r.URL, "/"+strings.Replace(name, "/", "%2f", 1)+"@"+version) {
			continue
		}
		body, err := fs.ReadFile(recording, r.Body)
		if err != nil {
			return nil, err
		}
		var answer struct {
			Attestations []struct{ Bundle json.RawMessage }
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, err
		}
		for _, a := range answer.Attestations {
			bundles = append(bundles, a.Bundle)
		}
	}
	if len(bundles) == 0 {
		return nil, errors.New("the demo has no attestation of it")
	}
	return bundles, nil
}

func write(folder string) error {
	found, err := demoPackages()
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, name := range []string{trustedRoot, npmKeys} {
		if files[name], err = fs.ReadFile(demo.Recording(), name); err != nil {
			return err
		}
	}
	for i := range packages {
		p := found[i%len(found)]
		server := fmt.Sprintf("%s-%03d", p.server, i)
		files[filepath.Join("catalog", "npx", server, "spec.yaml")] =
			[]byte(strings.Replace(p.spec, fmt.Sprintf("name: %q", p.server), fmt.Sprintf("name: %q", server), 1))
		for j, data := range p.bundles {
			files[filepath.Join("bundles", fmt.Sprintf("%s.%d.json", server, j))] = data
		}
	}
	if err := os.Mkdir(folder, 0o777); err != nil {
		return err
	}
	for name, data := range files {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// verifyAlone verifies every bundle of a set by sigstore-go, and nothing of what the
// statements say.
func verifyAlone(folder string) error {
	trusted, err := root.NewTrustedRootFromPath(filepath.Join(folder, trustedRoot))
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(folder, npmKeys))
	if err != nil {
		return err
	}
	known, err := trust.ParseKeys(data, npmKeys)
	if err != nil {
		return err
	}
	keys, err := verify.KeyMaterial(known)
	if err != nil {
		return err
	}
	evidence := []sigverify.VerifierOption{sigverify.WithTransparencyLog(1), sigverify.WithObserverTimestamps(1)}
	byKey, err := sigverify.NewVerifier(root.TrustedMaterialCollection{trusted, keys}, evidence...)
	if err != nil {
		return err
	}
	byCertificate, err := sigverify.NewVerifier(trusted, append(evidence, sigverify.WithSignedCertificateTimestamps(1))...)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(folder, "bundles", "*.json"))
	if err != nil {
		return err
	}
	for _, name := range files {
		b, err := bundle.LoadJSONFromPath(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		verifier, signer := byCertificate, sigverify.WithoutIdentitiesUnsafe()
		if b.GetVerificationMaterial().GetPublicKey() != nil {
			verifier, signer = byKey, sigverify.WithKey()
		}
		if _, err := verifier.Verify(b, sigverify.NewPolicy(sigverify.WithoutArtifactUnsafe(), signer)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	fmt.Println(len(files), "bundles verify")
	return nil
}
