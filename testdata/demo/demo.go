// Package demo is the embedded demo: two catalogs, the recorded answers of two
// invented registries, and the trust root of a Sigstore that exists only here.
//
//	dockyard/   an honest catalog, as it was measured in October 2025
//	attacks/    one package for each way in which provenance fails or surprises
//	recording/  what the registries answered; see plimsoll/verify/registry/recording
//
// Every spec says in x-plimsoll.expect which status it must get. All but this
// package's Go files is made by the program in testdata/forge.
package demo

import (
	"embed"
	"io/fs"
)

// FS holds the folders dockyard, attacks and recording.
//
//go:embed dockyard attacks recording
var FS embed.FS

// Catalog is one of the demo's catalogs.
type Catalog struct {
	Name string // "dockyard" or "attacks": what paths of its specs begin with
	FS   fs.FS  // rooted at the catalog: it holds npx and uvx
}

// Catalogs returns the demo's catalogs in the order in which they are shown.
func Catalogs() []Catalog {
	return []Catalog{{"dockyard", folder("dockyard")}, {"attacks", folder("attacks")}}
}

// Recording returns the folder of the recording, as recording.Open wants it.
func Recording() fs.FS { return folder("recording") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(FS, name)
	if err != nil { // only for a name that is no valid path
		panic(err)
	}
	return sub
}
