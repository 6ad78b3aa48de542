package main

import (
	"bytes"
	"crypto/sha256"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/tlog"
)

// moduleAttacks are about Go modules and what the checksum database says of them. The
// honest ones stand here as well: dockyard was measured before catalogs had any.
var moduleAttacks = []attack{
	{"go", "honest-module", "v1.4.2", "signed",
		"Record, tree and signature agree: everybody gets these bytes. Nothing proves who built them, and nothing can for a Go module.",
		func(_ *forge, s *scene) {
			s.module("").others = []goVersion{{"v1.2.0", -160, ""}, {"v1.3.0", -90, ""}, {"v1.4.0", -20, ""}, {"v1.4.1", -6, ""}}
		}, ""},
	{"go", "honest-package", "v0.9.1", "signed",
		"The spec names a package inside a module, as go install takes it: the record is that of the module.",
		func(_ *forge, s *scene) {
			s.pkg += "/cmd/server"
			s.module("/cmd/server")
		}, ""},
	{"go", "honest-major", "v2.3.0", "signed",
		"From the second major version on it stands in the module's path.",
		func(_ *forge, s *scene) {
			s.pkg += "/v2"
			s.module("").others = []goVersion{{"v2.2.0", -40, ""}}
		}, ""},
	{"go", "incompatible", "v3.1.0+incompatible", "signed",
		"A second or later major version whose path does not say so: from before modules, without a go.mod of its own.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.others = []goVersion{{"v1.0.0", -300, ""}}
			delete(r.files, "go.mod")
			r.mod = "module " + r.path + "\n"
		}, ""},
	{"go", "pseudo-version", "", "signed",
		"No tag, but a commit: the version is made of its time and its name.",
		func(_ *forge, s *scene) {
			commit := commit("drydock-demo/pseudo-version")
			s.version = module.PseudoVersion("v0", "", s.published, commit[:12])
			s.ref = commit
			s.identity = github("drydock-demo/pseudo-version", "release.yml", "refs/heads/main").with(extCommit, commit)
			s.module("")
		}, ""},
	{"go", "upper-case", "v1.0.0", "signed",
		"Upper case in a module's path is written as an exclamation mark and lower case in addresses: it is another module than the one in lower case.",
		func(_ *forge, s *scene) {
			s.pkg = "github.com/Drydock-Demo/Upper-Case"
			s.repository = "https://github.com/Drydock-Demo/Upper-Case"
			s.identity = github("Drydock-Demo/Upper-Case", "release.yml", "refs/tags/v1.0.0")
			s.module("")
		}, ""},
	{"go", "older-tree", "v1.0.0", "signed",
		"The lookup shows an older tree than the one that was seen before. That one grew out of it, and the record is in both.",
		func(_ *forge, s *scene) { s.module("").size = 520 }, ""},
	{"go", "just-published", "v1.0.0", "signed",
		"The newest record of the log: its tree is one that nobody saw before, and grew out of the one that was.",
		func(_ *forge, s *scene) { s.module("").late = true }, ""},
	{"go", "retracted", "v1.1.0", "signed",
		"The newest version retracts this one, in its go.mod: a warning.",
		func(_ *forge, s *scene) {
			s.module("").others = []goVersion{{"v1.0.0", -50, ""}, {"v1.1.1", 3, "\n// Sends every answer to all clients.\nretract v1.1.0\n"}}
		}, ""},
	{"go", "deprecated", "v1.2.0", "signed",
		"The module's own go.mod says that it is deprecated.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.mod = "// Deprecated: use github.com/drydock-demo/honest-module instead.\n" + r.mod
			r.files["go.mod"] = r.mod
		}, ""},
	{"go", "another-owner", "v1.0.0", "signed",
		"The spec says that the source is somebody else's repository than the one that the module's path names.",
		func(_ *forge, s *scene) {
			s.module("")
			s.repository = "https://github.com/pier-nine/another-owner"
		}, ""},
	{"go", "origin-elsewhere", "v1.0.0", "signed",
		"The module proxy claims that it made the module of another repository than the path names. A claim proves nothing.",
		func(_ *forge, s *scene) {
			s.module("").origin["URL"] = "https://github.com/pier-nine/origin-elsewhere"
		}, ""},

	{"go", "altered-record", "v1.0.0", "invalid",
		"The lookup shows another hash of the module than the log holds: its record does not lead to the signed tree.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("its record is not the log's")
			r.shown = r.altered()
		}, ""},
	{"go", "forged-tile", "v1.0.0", "invalid",
		"The record was altered, and its hash in the tile as well: the tile does not lead to the signed tree.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("a tile is not the log's")
			r.late, r.shown = true, r.altered()
			r.tile = func(tile []byte) []byte {
				forged := tlog.RecordHash(r.shown)
				return append(tile[:len(tile)-sha256.Size], forged[:]...)
			}
		}, ""},
	{"go", "other-key", "v1.0.0", "invalid",
		"Somebody else signed the tree, under the name of the checksum database.",
		func(f *forge, s *scene) { s.module("").breaks("the key is another").signer = f.evilSumDB }, ""},
	{"go", "forked-tree", "v1.0.0", "invalid",
		"The checksum database itself signed a second tree, which has another record of the module: a fork. The tree that was seen before is not of it.",
		func(_ *forge, s *scene) {
			s.module("").breaks("the tree is another than the one that was kept").forked = 560
		}, ""},
	{"go", "rolled-back-tree", "v1.0.0", "invalid",
		"The lookup shows a tree of before the record was made: the record is not in it.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.size, r.stricter = logBefore, "the go command looks for the record in the tree that was kept, too"
		}, ""},
	{"go", "other-module", "v1.0.0", "invalid",
		"The lookup answers with the record of another module, which is in the log.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("it is not about the module")
			r.logged = goSum("github.com/drydock-demo/elsewhere", "v1.0.0", h1("elsewhere"), h1("elsewhere go.mod"))
		}, ""},
	{"go", "other-version", "v1.0.1", "invalid",
		"The lookup answers with the record of the module's previous version, which is in the log.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("it is not about the version")
			r.logged = goSum(r.path, "v1.0.0", h1("previous"), h1("previous go.mod"))
		}, ""},
	{"go", "zip-differs", "v1.0.0", "invalid",
		"The module proxy serves another zip than the record names.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("the zip is another")
			another := map[string]string{"go.mod": r.mod, "main.go": "package main\n\nfunc main() { println(\"another\") }\n"}
			r.served = map[string][]byte{".zip": r.zip(another)}
		}, ""},
	{"go", "go-mod-differs", "v1.0.0", "invalid",
		"The module proxy serves another go.mod than the record names: other dependencies would be taken.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("the go.mod is another")
			r.served = map[string][]byte{".mod": []byte(goMod(r.path, "\nrequire github.com/pier-nine/extra v1.0.0\n"))}
		}, ""},
	{"go", "tile-missing", "v1.0.0", "unchecked",
		"The tile that has the record's hash is not there: nothing is wrong, and nothing is proven.",
		func(_ *forge, s *scene) {
			r := s.module("").breaks("a tile is not there")
			r.late, r.tile = true, func([]byte) []byte { return nil }
		}, ""},
	{"go", "record-missing", "v1.0.0", "unchecked",
		"The checksum database does not know the version, though the module proxy has it and nothing keeps it from the database.",
		func(_ *forge, s *scene) { s.module("").breaks("there is no record").unlogged = true }, ""},
	{"go", "info-of-another-version", "v1.0.0", "unchecked",
		"The module proxy's .info is about another version than the one that was asked for.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.served = map[string][]byte{".info": []byte(r.info("v1.0.1", r.published.Add(24*time.Hour)))}
		}, ""},
	{"go", "excluded", "v1.0.0", "none",
		"GONOSUMDB keeps the module from the checksum database: the go command takes whatever the proxy serves.",
		func(_ *forge, s *scene) {
			s.pkg = goPrivate + "/excluded"
			s.module("").unlogged = true
		}, ""},
	{"go", "no-such-version", "v9.9.9", "unchecked",
		"No module proxy has the version, nor a module that holds the package.",
		func(_ *forge, s *scene) { s.module("").absent = true }, ""},
}

// altered is the record with another hash of the module.
func (r *goRelease) altered() []byte {
	return bytes.Replace(r.sums(), []byte(hash1(r.prefix(), r.files)), []byte(h1("malware")), 1)
}
