package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// One good package's object under every other package: whatever is left of the
// other's names, nothing of it is read.
func TestReadJSONRefusesOnePackageForAnother(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	var whole struct {
		Packages []map[string]json.RawMessage `json:"packages"`
	}
	if err := json.Unmarshal(catalogJSON(t, packages), &whole); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []catalog.Protocol{catalog.NPX, catalog.UVX} {
		good := slices.IndexFunc(packages, func(p Package) bool {
			return p.Spec.Protocol == protocol && p.Report.Status == verify.Verified
		})
		replaced := 0
		for i, p := range packages {
			if i == good || p.Spec.Package == "" || p.Spec.Version == "" {
				continue
			}
			object := map[string]json.RawMessage{}
			for key, value := range whole.Packages[good] {
				object[key] = value
			}
			object["package"] = whole.Packages[i]["package"]
			text, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			replaced++
			_, err = ReadJSON(strings.NewReader(`{"schema": "` + catalogSchema + `", "packages": [` + string(text) + `]}`))
			if err == nil || !strings.Contains(err.Error(), strings.Trim(untrusted.Text(p.Spec.Path).String(), `"`)) && !strings.Contains(err.Error(), "package 1") {
				t.Errorf("%v in place of %v: %v", packages[good].Spec.Path, p.Spec.Path, err)
			}
		}
		if replaced < 90 {
			t.Errorf("only %d were replaced", replaced)
		}
	}
}

func TestBelongs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		protocol            catalog.Protocol
		name, version, file string
		status              verify.Status
		want                bool
	}{
		{catalog.NPX, "@acme/http", "1.0.0", "http-1.0.0.tgz", verify.Verified, true},
		{catalog.NPX, "http", "1.0.0", "http-1.0.0.tgz", verify.Signed, true},
		{catalog.NPX, "http", "1.0.0", "http-1.0.1.tgz", verify.Verified, false},
		{catalog.NPX, "http", "1.0.0", "evil-http-1.0.0.tgz", verify.Signed, false},
		{catalog.NPX, "http", "1.0.0", "evil-http-1.0.0.tgz", verify.None, true}, // a registry may call it so, and nothing is proven of it
		{catalog.NPX, "@acme/http", "1.0.0", "1.0.0.tgz", verify.Signed, true},   // some registries name a tarball by its version
		{catalog.NPX, "http", "1.0.0", "0123456789abcdef", verify.Signed, true},  // some registries name a tarball by its hash
		{catalog.UVX, "Foo_Bar", "1.0", "foo_bar-1.0.0-py3-none-any.whl", verify.Verified, true},
		{catalog.UVX, "foo.bar", "1.0", "Foo-Bar-1.0.tar.gz", verify.Verified, true},
		{catalog.UVX, "foo", "1.0", "foo-1.0+cpu-py3-none-any.whl", verify.Verified, true},
		{catalog.UVX, "foo", "1.0", "foo-1.1-py3-none-any.whl", verify.Verified, false},
		{catalog.UVX, "foo", "1.0", "foo_x-1.0-py3-none-any.whl", verify.Verified, false},
		{catalog.UVX, "foo", "1.0", "foo_x-1.0-py3-none-any.whl", verify.Unchecked, true}, // an index may say that pip takes it for foo
		{catalog.UVX, "foo", "1.0", "http-1.0.0.tgz", verify.Verified, false},
		{catalog.UVX, "foo", "1.0", "notes", verify.None, true},
		{catalog.UVX, "foo", "1.0", "notes", verify.Verified, false},
		{catalog.Go, "github.com/acme/tool", "v1.0.0", "github.com/acme/tool@v1.0.0.zip", verify.Signed, true},
		{catalog.Go, "github.com/acme/tool/cmd/x", "v1.0.0", "github.com/acme/tool@v1.0.0.zip", verify.Signed, true},
		{catalog.Go, "github.com/acme/tool/cmd/x", "v1.0.0", "github.com/acme/tool/c@v1.0.0.zip", verify.Signed, false},
		{catalog.Go, "github.com/acme/tool", "v1.0.0", "github.com/acme/tool/cmd/x@v1.0.0.zip", verify.Signed, false},
		{catalog.Go, "github.com/acme/tool", "v1.0.0", "github.com/acme/tool@v1.0.1.zip", verify.Signed, false},
		{catalog.Go, "github.com/acme/tool", "v1.0.0", "github.com/acme/tool@v1.0.0.zip", verify.None, true},
		{catalog.Go, "github.com/acme/tool", "v1.0.0", "", verify.Signed, false},
	} {
		p := Package{
			Spec: catalog.Spec{Path: untrusted.Text(string(tt.protocol) + "/x/spec.yaml"), Protocol: tt.protocol, Package: untrusted.Text(tt.name), Version: untrusted.Text(tt.version)},
			Report: verify.Report{Artifacts: []verify.ArtifactReport{{
				Filename: untrusted.Text(tt.file), Status: tt.status, Digest: verify.Digest{Algorithm: "sha256", Hex: strings.Repeat("ab", 32)},
			}}},
		}
		if err := p.belongs(); (err == nil) != tt.want {
			t.Errorf("%v %s %s: %s: %v", tt.protocol, tt.name, tt.version, tt.file, err)
		}
		if !tt.want {
			continue
		}
		p.Spec.Path = "other/x/spec.yaml"
		if p.belongs() == nil {
			t.Errorf("%s: a spec below another protocol", tt.file)
		}
	}
	p := full()
	p.Report.Artifacts[0].Digest = verify.Digest{}
	if err := p.belongs(); err == nil || !strings.Contains(err.Error(), "has no digest") {
		t.Errorf("verified without a digest: %v", err)
	}
}

// The same bytes are not two packages; one package may have two specs.
func TestReadJSONRefusesOneFileOfTwoPackages(t *testing.T) {
	t.Parallel()
	one, two := full(), full()
	two.Spec.Path = "npx/two/spec.yaml"
	if _, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{one, two}))); err != nil {
		t.Errorf("one release under two specs: %v", err)
	}
	two.Spec.Package, two.Report.Artifacts = "two", slices.Clone(two.Report.Artifacts)
	two.Report.Artifacts[0].Filename = "two-2.4.1.tgz"
	_, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{one, two})))
	if err == nil || !strings.Contains(err.Error(), `"npx/http/spec.yaml" and "npx/two/spec.yaml" name different packages, @acme/http-client 2.4.1 and two 2.4.1, and have the same file`) {
		t.Errorf("got %v", err)
	}
}

// A shard whose package was replaced by another is not of the catalog that was
// split, even where its spec's path and hash are.
func TestMergeRefusesAReplacedPackage(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	files := split(t, packages, 3)
	for i, p := range files[1].Results.Packages {
		if p.Report.Status == verify.Verified {
			good := p
			to := &files[1].Results.Packages[(i+1)%len(files[1].Results.Packages)]
			good.Spec.Path, good.Spec.SHA256 = to.Spec.Path, to.Spec.SHA256
			*to = good
			break
		}
	}
	if _, err := Merge(files); err == nil || !strings.Contains(err.Error(), "its hash is another") {
		t.Errorf("got %v", err)
	}
}
