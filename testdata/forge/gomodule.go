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
	"golang.org/x/mod/semver"
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
			"GOPROXY": goProxy, "GOSUMDB": f.sumDB.key, "GONOSUMDB": goPrivate, "GOENV": "off",
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
	files         map[string]string // of the zip
	mod           string            // the go.mod, which the proxy makes up for a module that has none

	number int64       // of its record in the log
	others []goVersion // of the module, that the proxy has as well

	log    *sumDB // that the lookup's head is of
	signer *sumDB // who signs that head
	logged []byte // what the log holds, if it is not the release's
	shown  []byte // the record as the lookup shows it, if it is not the log's
	size   int64  // of the tree of the lookup's head
	// late has the record come after all others, and the lookup show the head of then:
	// that has tiles of its own.
	late     bool
	tile     func(tile []byte) []byte   // changes the tile that has the hash of a late record; nil: it answers 404
	mangle   func(answer []byte) []byte // changes the lookup's answer
	served   map[string][]byte          // .info, .mod or .zip that the proxy serves, if it is another
	forked   int64                      // the record of this number is another in the tree that the lookup shows: the release's
	absent   bool                       // no proxy has the version
	unlogged bool                       // the database does not know it
	broken   string                     // why the go command must refuse it, if it must
	stricter string                     // why plimsoll must refuse it though the go command does not, if it must
}

// goVersion is another version of a module.
type goVersion struct {
	version string
	days    int    // after the release
	goMod   string // that follows the module's path
}

// module starts a release of a module, whose path is the package's but for what is
// below.
func (s *scene) module(below string) *goRelease {
	path := strings.TrimSuffix(s.pkg, below)
	commit := s.identity.ext[extCommit]
	r := &goRelease{
		f: s.f, pkg: s.pkg, path: path, version: s.version, published: s.published,
		log: s.f.sumDB, signer: s.f.sumDB, size: logNow, tile: func(tile []byte) []byte { return tile },
		origin: object{"VCS": "git", "URL": s.identity.ext[extRepository], "Ref": s.identity.ext[extRef], "Hash": commit},
		files: map[string]string{
			"go.mod": goMod(path, ""),
			strings.TrimPrefix(below+"/main.go", "/"): "// Command " + s.name + " is a server of the demo.\npackage main\n\nfunc main() { println(\"" + s.name + "\") }\n",
		},
	}
	r.mod = r.files["go.mod"]
	s.releases = append(s.releases, r)
	return r
}

// goMod returns a go.mod with more behind it.
func goMod(path, more string) string { return "module " + path + "\n\ngo 1.24\n" + more }

// breaks says that the go command must refuse the release, and why.
func (r *goRelease) breaks(why string) *goRelease {
	r.broken = why
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
	return goSum(r.path, r.version, hash1(r.prefix(), r.files), hash1("", map[string]string{"go.mod": r.mod}))
}

// hashZip is the hash of a module's zip in go.sum, which is one of its files.
func hashZip(data []byte) (string, error) {
	read, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", err
	}
	var names []string
	for _, file := range read.File {
		names = append(names, file.Name)
	}
	return dirhash.Hash1(names, func(name string) (io.ReadCloser, error) { return read.Open(name) })
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

// answer records what the module proxy has at a path below it.
func (r *goRelease) answer(below string, status int, body []byte) {
	r.f.answer(goProxy+below, "go/"+below, status, plainText, body)
}

// below is the path of a file of a version at the proxy.
func below(path, version, suffix string) string {
	return must(module.EscapePath(path)) + "/@v/" + must(module.EscapeVersion(version)) + suffix
}

// record answers every request that a client may make for the release; those of the
// database when the log is complete.
func (r *goRelease) record() {
	for path := r.pkg; strings.Contains(path, "/"); path = path[:strings.LastIndex(path, "/")] {
		if path == r.path && !r.absent {
			break
		}
		if module.Check(path, r.version) == nil {
			r.answer(below(path, r.version, ".info"), 404, []byte("not found: "+path+"@"+r.version+": invalid version\n"))
		}
	}
	if r.absent {
		return
	}
	served := map[string][]byte{
		".info": []byte(r.info(r.version, r.published)), ".mod": []byte(r.mod), ".zip": r.zip(r.files),
	}
	maps.Copy(served, r.served)
	for suffix, body := range served {
		r.answer(below(r.path, r.version, suffix), 200, body)
	}
	r.list()
	r.f.last = append(r.f.last, r.lookup)
	if r.logged == nil {
		r.logged = r.sums()
	}
	if !r.unlogged && !r.late {
		r.number = r.f.sumDB.add(r.logged)
	}
}

// info is the .info of a version.
func (r *goRelease) info(version string, published time.Time) string {
	return string(must(json.Marshal(object{"Version": version, "Time": published.Format(time.RFC3339), "Origin": r.origin})))
}

// list records the module's versions, the newest one's .info, and what the others have
// beside a zip.
func (r *goRelease) list() {
	versions, newest := []string{}, r.info(r.version, r.published)
	if !module.IsPseudoVersion(r.version) {
		versions = append(versions, r.version)
	}
	for _, v := range r.others {
		info := r.info(v.version, r.published.AddDate(0, 0, v.days))
		if semver.Compare(v.version, slices.MaxFunc(append(versions, "v0.0.0-0"), semver.Compare)) > 0 {
			newest = info
		}
		versions = append(versions, v.version)
		r.answer(below(r.path, v.version, ".info"), 200, []byte(info))
		r.answer(below(r.path, v.version, ".mod"), 200, []byte(goMod(r.path, v.goMod)))
	}
	escaped := must(module.EscapePath(r.path))
	r.answer(escaped+"/@latest", 200, []byte(newest))
	r.answer(escaped+"/@v/list", 200, []byte(strings.Join(append(versions, ""), "\n")))
}

// lookup records what the database answers about the release.
func (r *goRelease) lookup() {
	at := "lookup/" + must(module.EscapePath(r.path)) + "@" + must(module.EscapeVersion(r.version))
	if r.unlogged {
		r.f.answerSumDB(at, 404, []byte("not found\n"))
		return
	}
	if r.late {
		r.number = r.f.sumDB.add(r.logged)
		r.size = r.number + 1
	}
	if r.shown == nil {
		r.shown = r.logged
	}
	if r.forked > 0 {
		r.log, r.number, r.size = r.f.sumDB.fork(r.forked, r.logged), r.forked, r.forked+20
	}
	head := r.signer.sign(r.log.tree(r.size))
	answer := append(must(tlog.FormatRecord(r.number, r.shown)), head...)
	if r.mangle != nil {
		answer = r.mangle(answer)
	}
	r.f.answerSumDB(at, 200, answer)
	tiles := r.log.prove(r.number, r.size)
	maps.Copy(tiles, r.f.sumDB.grow(min(r.size, logKept), max(r.size, logKept)))
	if leaf := tileOf(r.number, r.size); r.late {
		if tiles[leaf] = r.tile(tiles[leaf]); tiles[leaf] == nil {
			delete(tiles, leaf)
			r.f.answerSumDB(leaf, 404, []byte("not found\n"))
			r.f.answerSumDB(leaf[:strings.Index(leaf, ".p/")], 404, []byte("not found\n"))
		}
	}
	for path, data := range tiles {
		r.f.answerSumDB(path, 200, data)
	}
	r.f.modules = append(r.f.modules, r)
}

// tileOf is the path of the tile that has the hash of a record in a tree of a size.
func tileOf(number, size int64) string {
	tile := tlog.Tile{H: tileHeight, N: number >> tileHeight, W: 1 << tileHeight}
	tile.W = int(min(int64(tile.W), size-tile.N<<tileHeight))
	return tile.Path()
}

// answerSumDB records what the module proxy passes on of the checksum database.
func (f *forge) answerSumDB(below string, status int, body []byte) {
	f.answer(goProxy+"sumdb/"+sumDBName+"/"+below, "go/sumdb/"+below, status, plainText, body)
}
