package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/verify/registry/goproxy"
)

const (
	goProxy   = "https://goproxy.demo.example/"
	sumDBName = "sum.demo.example"
	// goPrivate is what the demo's settings keep from the checksum database.
	goPrivate = "git.drydock.example/private"

	plainText = "text/plain; charset=utf-8"
)

// Sizes of the demo's log: the records before the first module of the demo, of the
// tree whose head was kept before, and of the newest tree.
const (
	logBefore = 390
	logKept   = 600
	logNow    = 700
)

// goSettings are the settings of the go command that the demo's recording was made
// with.
func (f *forge) goSettings() map[string]string {
	return goproxy.Load(goproxy.Sources{Getenv: func(name string) string {
		return map[string]string{
			"GOPROXY": goProxy, "GOSUMDB": f.sumDB.key + " https://" + sumDBName + "/", "GONOSUMDB": goPrivate, "GOENV": "off",
		}[name]
	}}).Recorded()
}

// goRelease is a version of a module, made well unless an attack changes it before it
// is recorded.
type goRelease struct {
	f             *forge
	pkg           string // what the spec names: the module, or a package in it
	path, version string
	published     time.Time
	origin        object            // of .info, as the proxy claims it
	files         map[string]string // of the module, go.mod among them

	log      *sumDB                     // that the lookup's head is of
	signer   *sumDB                     // who signs that head
	logged   []byte                     // what the log holds, if it is not the release's
	late     bool                       // its record comes after all others, and the lookup shows the head of then: that has tiles of its own
	size     int64                      // of the tree of the lookup's head
	shown    []byte                     // the record as the lookup shows it, if it is not the log's
	head     []byte                     // that the lookup shows, if it is not the log's
	tile     func([]byte) []byte        // changes the tile that has the hash of the record, which has to be late
	served   map[string]string          // files of the zip and go.mod that the proxy serves, if they are others
	absent   bool                       // no proxy has the version
	unlogged bool                       // the database was not asked for it
	tileGone bool                       // that tile answers 404
	mangle   func(answer []byte) []byte // changes the lookup's answer
}

// module starts a release of a module, whose path is the package's but for what is
// below.
func (s *scene) module(below string) *goRelease {
	path := strings.TrimSuffix(s.pkg, below)
	commit := s.identity.ext[extCommit]
	r := &goRelease{
		f: s.f, pkg: s.pkg, path: path, version: s.version, published: s.published, log: s.f.sumDB, signer: s.f.sumDB,
		origin: object{"VCS": "git", "URL": s.identity.ext[extRepository], "Ref": s.identity.ext[extRef], "Hash": commit},
		files: map[string]string{
			"go.mod": "module " + path + "\n\ngo 1.24\n",
			strings.TrimPrefix(below+"/main.go", "/"): "// Command " + s.name + " is a server of the demo.\npackage main\n\nfunc main() { println(\"" + s.name + "\") }\n",
		},
	}
	s.releases = append(s.releases, r)
	return r
}

// goSum returns the two lines of go.sum of a version.
func goSum(path, version, zip, mod string) []byte {
	return fmt.Appendf(nil, "%s %s %s\n%[1]s %[2]s/go.mod %[4]s\n", path, version, zip, mod)
}

// h1 is a hash that looks like one of go.sum, and is of nothing.
func h1(label string) string {
	sum := sha256.Sum256([]byte(label))
	return "h1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// hash1 is the hash of files in go.sum.
func hash1(prefix string, files map[string]string) string {
	names := slices.Collect(maps.Keys(files))
	for i := range names {
		names[i] = prefix + names[i]
	}
	return must(dirhash.Hash1(names, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(files[strings.TrimPrefix(name, prefix)])), nil
	}))
}

func (r *goRelease) prefix() string { return r.path + "@" + r.version + "/" }

// sums are the release's lines of go.sum.
func (r *goRelease) sums() []byte {
	return goSum(r.path, r.version, hash1(r.prefix(), r.files), hash1("", map[string]string{"go.mod": r.files["go.mod"]}))
}

// zip packs files as a module's zip. They are stored: what compresses them may change
// with the version of Go.
func (r *goRelease) zip(files map[string]string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := must(w.CreateHeader(&zip.FileHeader{Name: r.prefix() + name, Method: zip.Store}))
		must(io.WriteString(file, files[name]))
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// at is the address of a file of a module's version, and the name of its body.
func (r *goRelease) at(path, suffix string) (address, name string) {
	below := must(module.EscapePath(path)) + "/@v/" + must(module.EscapeVersion(r.version)) + suffix
	return goProxy + below, "go/" + below
}

// record answers every request that a client may make for the release; those of the
// database when the log is complete.
func (r *goRelease) record() {
	for path := r.pkg; path != r.path || r.absent; path = path[:max(strings.LastIndex(path, "/"), 0)] {
		if path == "" {
			break
		}
		if module.Check(path, r.version) != nil {
			continue
		}
		address, name := r.at(path, ".info")
		r.f.answer(address, name, 404, plainText, []byte("not found: "+path+"@"+r.version+": invalid version\n"))
	}
	if r.absent {
		return
	}
	served := maps.Clone(r.files)
	maps.Copy(served, r.served)
	for suffix, body := range map[string][]byte{
		".info": must(json.Marshal(object{"Version": r.version, "Time": r.published.Format(time.RFC3339), "Origin": r.origin})),
		".mod":  []byte(served["go.mod"]),
		".zip":  r.zip(served),
	} {
		address, name := r.at(r.path, suffix)
		r.f.answer(address, name, 200, plainText, body)
	}
	if r.unlogged {
		return
	}
	if r.logged == nil {
		r.logged = r.sums()
	}
	if r.late {
		r.f.last = append(r.f.last, func() {
			id := r.f.sumDB.add(r.logged)
			r.size = id + 1
			r.lookup(id)
		})
		return
	}
	id := r.f.sumDB.add(r.logged)
	r.size = logNow
	r.f.last = append(r.f.last, func() { r.lookup(id) })
}

// lookup records what the database answers about the release.
func (r *goRelease) lookup(id int64) {
	if r.shown == nil {
		r.shown = r.logged
	}
	if r.head == nil {
		r.head = r.signer.sign(tlog.Tree{N: r.size, Hash: r.log.root(r.size)})
	}
	answer := append(must(tlog.FormatRecord(id, r.shown)), r.head...)
	if r.mangle != nil {
		answer = r.mangle(answer)
	}
	below := "lookup/" + must(module.EscapePath(r.path)) + "@" + must(module.EscapeVersion(r.version))
	r.f.answerSumDB(below, 200, answer)
	leaf := tlog.Tile{H: tileHeight, L: 0, N: id >> tileHeight, W: 1 << tileHeight}
	leaf.W = int(min(int64(leaf.W), r.size-leaf.N<<tileHeight))
	for path, data := range r.log.tiles(id, r.size, logKept) {
		status := 200
		if path == leaf.Path() && r.tile != nil {
			data = r.tile(bytes.Clone(data))
		}
		if path == leaf.Path() && r.tileGone {
			status, data = 404, []byte("not found\n")
		}
		r.f.answerSumDB(path, status, data)
	}
}

// answerSumDB records what the module proxy passes on of the checksum database.
func (f *forge) answerSumDB(below string, status int, body []byte) {
	f.answer(goProxy+"sumdb/"+sumDBName+"/"+below, "go/sumdb/"+below, status, plainText, body)
}
