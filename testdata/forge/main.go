// Command forge makes the demo anew: two catalogs, dockyard and attacks, a
// change to be reviewed, and the recorded answers of three invented registries, signed by a Sigstore that
// exists only here.
//
//	ca.go        certificate authority and CT log: leaf certificates as Fulcio makes them
//	rekor.go     transparency log: Merkle tree, checkpoints, signed entry timestamps
//	npmkey.go    keys of the npm registry
//	statement.go in-toto statements      bundle.go  Sigstore bundles, PEP 740 attestations
//	npm.go       npm registry            pypi.go    simple index, provenance objects
//	gomodule.go  Go modules, module proxy  sumdb.go   checksum database
//	dockyard.go  the honest catalog      attack_*.go  the attacks
//	change*.go   what a change does, to be reviewed
//	decisions.go what people demand and decided of the change
//	check.go     asks sigstore-go about every bundle that is made
//
// Keys derive from fixed labels, times are constants and signatures are
// deterministic: a second run writes the same bytes. Everything that is made
// well must be accepted by sigstore-go, and everything that is broken where
// sigstore-go looks must be refused, or nothing is written.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
)

//go:generate go run .

func main() {
	out := flag.String("o", "../demo", "folder of the demo")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "forge:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	f := newForge()
	if err := f.build(slices.Concat(dockyard(), attacks(), changes())); err != nil {
		return err
	}
	if err := f.write(out); err != nil {
		return err
	}
	return f.decide(out)
}
