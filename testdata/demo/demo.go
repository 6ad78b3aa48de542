// Package demo is the embedded demo: two catalogs, a change to be reviewed, the
// recorded answers of three invented registries, and the trust root of a Sigstore
// that exists only here.
//
//	dockyard/   an honest catalog, as it was measured in October 2025, before catalogs had Go modules
//	attacks/    one package for each way in which provenance fails or surprises; honest Go modules
//	review/     a catalog before a change (base) and after it (head)
//	recording/  what the registries answered; see plimsoll/verify/registry/recording
//
// Every spec says in x-plimsoll.expect which status it must get, and in
// x-plimsoll.expect_change what the review must say of its change. All but this
// package's Go files is made by the program in testdata/forge.
package demo

import (
	"embed"
	"io/fs"
	"time"
)

// FS holds the folders dockyard, attacks, review and recording.
//
//go:embed dockyard attacks review recording
var FS embed.FS

// Catalog is one of the demo's catalogs.
type Catalog struct {
	Name string // "dockyard" or "attacks": what paths of its specs begin with
	FS   fs.FS  // rooted at the catalog: it holds npx, uvx and go
}

// Catalogs returns the demo's catalogs in the order in which they are shown.
func Catalogs() []Catalog {
	return []Catalog{{"dockyard", folder("dockyard")}, {"attacks", folder("attacks")}}
}

// Commits before and after the change of [Review]: as invented as the rest.
const (
	ReviewBase = "5e1f0a7c3b9d24860f1e2d3c4b5a69788796a5b4"
	ReviewHead = "c40d9b1e7a6f5382914e0b2d8c7f6a5e4d3c2b1a"
)

// Review returns a catalog before a change and after it.
func Review() (base, head fs.FS) { return folder("review/base"), folder("review/head") }

// Recorded is when the registries are said to have been asked. The demo's clock
// stands there: its releases get no older.
var Recorded = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// Recording returns the folder of the recording, as recording.Open wants it.
func Recording() fs.FS { return folder("recording") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(FS, name)
	if err != nil { // only for a name that is no valid path
		panic(err)
	}
	return sub
}
