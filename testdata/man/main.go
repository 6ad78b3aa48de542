// Command man writes plimsoll's manual pages, made from its commands, into a
// folder.
//
//	go run ./testdata/man FOLDER
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra/doc"

	"plimsoll/ui/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: man FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "man:", err)
		os.Exit(1)
	}
}

// write makes one page for each command. The pages bear no date, so that the
// same commands give the same pages.
func write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root := cli.Command(cli.Env{Getenv: os.Getenv, Now: time.Now})
	root.DisableAutoGenTag = true
	epoch := time.Unix(0, 0).UTC()
	return doc.GenManTree(root, &doc.GenManHeader{Title: "PLIMSOLL", Section: "1", Source: "plimsoll", Manual: "plimsoll", Date: &epoch}, folder)
}
