package goproxy_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
)

// endless is an answer that never ends.
func endless(out http.ResponseWriter, r *http.Request) {
	page := bytes.Repeat([]byte("h1:"), 1<<14)
	for r.Context().Err() == nil {
		if _, err := out.Write(page); err != nil {
			return
		}
	}
}

// answer returns a change of the world: below a path that holds part, do.
func answer(part string, do http.HandlerFunc) func(http.ResponseWriter, *http.Request, string, string) bool {
	return func(out http.ResponseWriter, r *http.Request, _, path string) bool {
		if !strings.Contains(path, part) {
			return false
		}
		do(out, r)
		return true
	}
}

func text(contentType, body string) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(out, body)
	}
}

func status(code int) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) { http.Error(out, "refused", code) }
}

// bomb is a zip whose files are as large as a module's may be, and more.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 6 {
		f, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("example.com/m@v1.0.0/f%d", i), Method: zip.Deflate, UncompressedSize64: 100 << 20, CompressedSize64: 1})
		if err == nil {
			_, err = f.Write([]byte{0})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// crowd is a zip of more names than are read.
func crowd(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 10_000 {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("example.com/m@v1.0.0/%0900d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const deprecated = "// Deprecated: use example.com/n.\nmodule example.com/m\n\n// it panics\nretract [v1.0.0, v1.0.5]\nretract v1.2.0\n"

func TestFetch(t *testing.T) {
	t.Parallel()
	html := text("text/html; charset=utf-8", "<html>log in</html>")
	type changes func(http.ResponseWriter, *http.Request, string, string) bool
	for name, test := range map[string]struct {
		pkg, version string // example.com/m, v1.0.0
		world        func(*world)
		change       changes
		zip          bool
		status       verify.Status
		reason       string // part of the reason, or of a check's or a finding's
	}{
		"honest":          {status: verify.Signed, reason: "zip was not fetched"},
		"honest, its zip": {zip: true, status: verify.Signed, reason: "hashes to what the record names"},
		"a package": {pkg: "example.com/m/cmd/tool", world: func(w *world) {
			w.add("example.com/m", "v1.0.0", map[string]string{"cmd/tool/main.go": "package main"})
		}, zip: true, status: verify.Signed},
		"no such package": {pkg: "example.com/m/cmd/tool", status: verify.Unchecked, reason: "go install looks in another module"},
		"the longest path": {pkg: "example.com/m/cmd/tool", world: func(w *world) {
			w.add("example.com/m/cmd", "v1.0.0", map[string]string{"tool/main.go": "package main"})
		}, zip: true, status: verify.Signed},
		"upper case":       {pkg: "example.com/Big/M", version: "v1.0.0-RC1", world: func(w *world) { w.add("example.com/Big/M", "v1.0.0-RC1", nil) }, zip: true, status: verify.Signed},
		"a major version":  {pkg: "example.com/m/v2", version: "v2.0.0", world: func(w *world) { w.add("example.com/m/v2", "v2.0.0", nil) }, status: verify.Signed},
		"another major":    {version: "v2.0.0", status: verify.Unchecked, reason: "version not found"},
		"incompatible":     {version: "v2.0.0+incompatible", world: func(w *world) { w.add("example.com/m", "v2.0.0+incompatible", nil) }, status: verify.Signed},
		"a pseudo-version": {version: "v0.0.0-20260504030201-0123456789ab", world: func(w *world) { w.add("example.com/m", "v0.0.0-20260504030201-0123456789ab", nil) }, status: verify.Signed},
		"pseudo-versions alone": {pkg: "example.com/p", version: "v0.0.0-20260504030201-0123456789ab", world: func(w *world) {
			w.add("example.com/p", "v0.0.0-20260504030201-0123456789ab", nil)
			w.add("example.com/p", "v0.0.0-20260604030201-0123456789ab", map[string]string{"go.mod": "module example.com/p\n\nretract v0.0.0-20260504030201-0123456789ab // wrong\n"})
			w.files["example.com/p/@latest"] = []byte(`{"Version":"v0.0.0-20260604030201-0123456789ab"}`)
		}, status: verify.Signed, reason: "retracts the version"},
		"no such version": {version: "v1.9.0", status: verify.Unchecked, reason: "version not found"},
		"no such module":  {pkg: "example.com/none", status: verify.Unchecked, reason: "version not found"},
		"too deep":        {pkg: "example.com/" + strings.Repeat("m/", 20) + "m", status: verify.Unchecked, reason: "at most 16 elements"},

		"the .info of another version": {change: answer(".info", text("application/json", `{"Version":"v1.0.1"}`)), status: verify.Unchecked, reason: `expected the version "v1.0.0", found "v1.0.1"`},
		"a web page for .info":         {change: answer(".info", html), status: verify.Unchecked, reason: "a web page"},
		"no JSON for .info":            {change: answer(".info", text("application/json", `{"Version":`)), status: verify.Unchecked, reason: "JSON"},
		"an endless .info":             {change: answer(".info", endless), status: verify.Unchecked, reason: "too large"},
		"a web page for go.mod":        {change: answer(".mod", html), status: verify.Unchecked, reason: "go.mod is needed"},
		"no go.mod":                    {change: answer(".mod", status(404)), status: verify.Unchecked, reason: "go.mod is needed"},
		"another go.mod":               {change: answer(".mod", text("text/plain", "module example.com/m\nrequire example.com/evil v1.0.0\n")), status: verify.Invalid, reason: "another go.mod"},
		"no list":                      {change: answer("@v/list", status(404)), status: verify.Signed, reason: "whether the version was retracted is not known"},
		"a page for a list":            {change: answer("@v/list", text("application/json", `{"error":"later"}`)), status: verify.Signed, reason: "whether the version was retracted is not known"},
		"a page for the newest go.mod": {world: func(w *world) {
			w.add("example.com/m", "v1.3.0", map[string]string{"go.mod": `{"error":"later"}`})
		}, status: verify.Signed, reason: "whether the version was retracted is not known"},
		"an endless list": {change: answer("@v/list", endless), status: verify.Signed, reason: "whether the version was retracted is not known"},

		"no record":               {change: answer("lookup/", status(404)), status: verify.Unchecked, reason: "a record of the checksum database is needed"},
		"a web page for a record": {change: answer("lookup/", html), status: verify.Unchecked, reason: "a web page"},
		"nonsense for a record":   {change: answer("lookup/", text("text/plain", "no")), status: verify.Invalid, reason: "no record"},
		"an endless record":       {change: answer("lookup/", endless), status: verify.Unchecked, reason: "too large"},
		"another's record": {world: func(w *world) {
			w.records["example.com/m@v1.0.0"] = "example.com/n v1.0.0 h1:x=\nexample.com/n v1.0.0/go.mod h1:y=\n"
		}, status: verify.Invalid, reason: "about something else"},
		"no tiles":              {change: answer("tile/", status(404)), status: verify.Unchecked, reason: "was not fetched"},
		"a broken tile server":  {change: answer("tile/", status(503)), status: verify.Unchecked, reason: "503"},
		"a web page for a tile": {change: answer("tile/", html), status: verify.Unchecked, reason: "a web page"},
		"an endless tile":       {change: answer("tile/", endless), status: verify.Unchecked, reason: "too large"},
		"nonsense for a tile":   {change: answer("tile/8/0/", text("text/plain", strings.Repeat("x", 8192))), status: verify.Invalid, reason: "does not lead to the signed tree"},
		"a short tile":          {change: answer("tile/8/0/", text("text/plain", "x")), status: verify.Invalid, reason: "does not lead to the signed tree"},

		"no newest head":         {change: answer("/latest", status(404)), status: verify.Signed},
		"a strange newest head":  {change: answer("/latest", text("text/plain", "go.sum database tree\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— x AAAA\n")), status: verify.Signed},
		"a web page for a head":  {change: answer("/latest", html), status: verify.Signed},
		"an endless newest head": {change: answer("/latest", endless), status: verify.Signed},

		"another zip": {world: func(w *world) {
			w.record(t, "example.com/m")
			w.files["example.com/m/@v/v1.0.0.zip"] = zipOf("example.com/m@v1.0.0/", map[string]string{"go.mod": "module example.com/m\n", "main.go": "package evil"})
		}, zip: true, status: verify.Invalid, reason: "another zip"},
		"another's zip": {world: func(w *world) {
			w.record(t, "example.com/m")
			w.files["example.com/m/@v/v1.0.0.zip"] = zipOf("example.com/n@v1.0.0/", nil)
		}, zip: true, status: verify.Invalid, reason: "another zip"},
		"no zip":            {change: answer(".zip", status(404)), zip: true, status: verify.Signed, reason: "zip was not fetched: fetch"},
		"a zip that is not": {change: answer(".zip", text("application/zip", "PK")), zip: true, status: verify.Unchecked, reason: "the module's zip is served, but cannot be read"},
		"an endless zip":    {change: answer(".zip", endless), zip: true, status: verify.Signed, reason: "too large"},
		"a bomb":            {world: func(w *world) { w.record(t, "example.com/m"); w.files["example.com/m/@v/v1.0.0.zip"] = bomb(t) }, zip: true, status: verify.Unchecked, reason: "too large"},
		"a crowd":           {world: func(w *world) { w.record(t, "example.com/m"); w.files["example.com/m/@v/v1.0.0.zip"] = crowd(t) }, zip: true, status: verify.Unchecked, reason: "list of files is too long"},

		"retracted":  {world: func(w *world) { w.add("example.com/m", "v1.3.0", map[string]string{"go.mod": deprecated}) }, status: verify.Signed, reason: "retracts the version"},
		"deprecated": {world: func(w *world) { w.add("example.com/m", "v1.3.0", map[string]string{"go.mod": deprecated}) }, status: verify.Signed, reason: "calls the module deprecated"},
		"retracted by a later": {version: "v1.2.0", world: func(w *world) {
			w.add("example.com/m", "v1.2.0", nil)
			w.add("example.com/m", "v1.3.0-pre", map[string]string{"go.mod": deprecated})
		}, status: verify.Signed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.world != nil {
				test.world(w)
			}
			if test.change != nil {
				w.change = func(out http.ResponseWriter, r *http.Request, kind, path string) bool {
					return test.change(out, r, kind, "/"+path)
				}
			}
			pkg, version, ctx := test.pkg, test.version, t.Context()
			if pkg == "" {
				pkg = "example.com/m"
			}
			if version == "" {
				version = "v1.0.0"
			}
			if test.zip {
				ctx = goproxy.WithZip(ctx)
			}
			r, err := judge(ctx, w.registry(w.settings("a"), &goproxy.Heads{}), release(pkg, version))
			if r.Status != test.status || !strings.Contains(said(r), test.reason) {
				t.Errorf("%v, want %v: …%s…:\n%s", r.Status, test.status, test.reason, said(r))
			}
			if list := test.world == nil && test.change == nil; list && test.status == verify.Signed && strings.Contains(said(r), "release.retraction") {
				t.Error(said(r))
			}
			if test.reason == "version not found" && !errors.Is(err, registry.ErrVersionNotFound) {
				t.Error(err)
			}
		})
	}
}

// said is all that a report says.
func said(r verify.Report) string {
	list := []string{r.Reason}
	for _, art := range r.Artifacts {
		if art.Record != nil {
			for _, c := range art.Record.Checks {
				list = append(list, string(c.ID)+": "+c.Reason)
			}
		}
	}
	for _, f := range r.Findings {
		list = append(list, f.Rule+": "+f.Message)
	}
	return strings.Join(list, "\n")
}

// Tiles that many modules need are fetched once, and what is asked of a module beside
// them is small.
func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const modules = 20
	var of []verify.Release
	for i := range modules {
		w.add(fmt.Sprintf("example.com/many/m%d", i), "v1.0.0", nil)
		of = append(of, release(fmt.Sprintf("example.com/many/m%d", i), "v1.0.0"))
		if _, err := judge(t.Context(), w.registry(w.settings("a"), &goproxy.Heads{}), of[i]); err != nil { // the database gets it
			t.Fatal(err)
		}
	}
	w.take()
	r := w.registry(w.settings("a"), &goproxy.Heads{})
	for _, release := range of {
		if report, err := judge(t.Context(), r, release); err != nil || report.Status != verify.Signed {
			t.Error(report.Status, report.Reason, err)
		}
	}
	asked := map[string]int{}
	for _, a := range w.take() {
		what := a[strings.LastIndexAny(a, "/.")+1:]
		if strings.Contains(a, "/tile/") {
			what = "tile"
		} else if strings.Contains(a, "/lookup/") {
			what = "lookup"
		}
		asked[what]++
	}
	for what, most := range map[string]int{"info": modules, "mod": modules, "list": modules, "lookup": modules, "zip": 0, "supported": 1, "latest": 1, "tile": 3} {
		if asked[what] > most {
			t.Errorf("%d requests for %s of %d modules, want at most %d", asked[what], what, modules, most)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 40 {
		w.add("example.com/m", fmt.Sprintf("v1.%d.0", i+1), nil)
	}
	w.add("example.com/m", "v1.41.0", map[string]string{"go.mod": "module example.com/m\nretract v1.40.0 // wrong\n"})
	w.files["example.com/m/@v/list"] = append(w.files["example.com/m/@v/list"], "nonsense\nv2.0.0\nv0.0.0-20260504030201-0123456789ab\n\n v1.50 \n"...)
	r := w.registry(w.settings("a"), &goproxy.Heads{})
	versions, _, err := r.Versions(t.Context(), release("example.com/m", "v1.20.0"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != 42 || versions[0].Version != "v1.41.0" || versions[1].Retracted != "wrong" || versions[41].Version != "v1.0.0" {
		t.Errorf("%d versions: %v", len(versions), versions)
	}
	infos := 0
	for _, a := range w.take() {
		if strings.HasSuffix(a, ".info") {
			infos++
		}
	}
	if own := versions[21]; own.Version != "v1.20.0" || own.Published.IsZero() || versions[22].Published.IsZero() || infos > 24 {
		t.Errorf("%v, %v, %d requests", own, versions[22], infos)
	}
	pseudo := "v0.0.0-20260504030201-0123456789ab"
	w.files["example.com/m/@v/"+pseudo+".info"] = []byte(`{"Version":"` + pseudo + `","Time":"2026-05-04T03:02:01Z"}`)
	versions, _, err = r.Versions(t.Context(), release("example.com/m", pseudo), nil)
	if err != nil || len(versions) != 43 || string(versions[42].Version) != pseudo || versions[42].Published.Year() != 2026 {
		t.Errorf("%v: %v", versions[len(versions)-1], err)
	}
}
