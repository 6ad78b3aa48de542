package main

import "bytes"

// moduleAttacks are about Go modules and what the checksum database says of them. The
// honest ones stand here as well: dockyard was measured before catalogs had any.
var moduleAttacks = []attack{
	{"go", "honest-module", "v1.4.2", "signed",
		"Record, tree and signature agree: everybody gets these bytes. Nothing proves who built them, and nothing can for a Go module.",
		func(_ *forge, s *scene) { s.module("") }, ""},
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
			s.module("")
		}, ""},
	{"go", "altered-record", "v1.0.0", "invalid",
		"The lookup shows another hash of the module than the log holds: its record does not lead to the signed tree.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.shown = bytes.Replace(r.sums(), []byte(hash1(r.prefix(), r.files)), []byte(h1("malware")), 1)
		}, ""},
	{"go", "other-key", "v1.0.0", "invalid",
		"Somebody else signed the tree, under the name of the checksum database.",
		func(f *forge, s *scene) { s.module("").signer = f.evilSumDB }, ""},
	{"go", "other-module", "v1.0.0", "invalid",
		"The lookup answers with the record of another module, which is in the log.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.logged = goSum("github.com/drydock-demo/elsewhere", "v1.0.0", h1("elsewhere"), h1("elsewhere go.mod"))
		}, ""},
	{"go", "tile-missing", "v1.0.0", "unchecked",
		"The tile that has the record's hash is not there: nothing is wrong, and nothing is proven.",
		func(_ *forge, s *scene) {
			r := s.module("")
			r.late, r.tileGone = true, true
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
