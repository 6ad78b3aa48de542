package main

import (
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/mod/sumdb"
)

// checkModule reports a problem unless the go command's own client of checksum
// databases accepts a release, or refuses it if it is broken on purpose.
func (f *forge) checkModule(r *goRelease) {
	err := f.goCommand(r)
	switch {
	case err != nil && r.broken == "":
		f.problems = append(f.problems, fmt.Errorf("the go command refuses %s, which was made well: %w", r.prefix(), err))
	case err == nil && r.broken != "":
		f.problems = append(f.problems, fmt.Errorf("the go command accepts %s, which was broken on purpose: %s", r.prefix(), r.broken))
	}
}

// goCommand checks a release as the go command does: the record, and what the proxy
// serves by it.
func (f *forge) goCommand(r *goRelease) error {
	client := sumdb.NewClient(&sumDBClient{forge: f})
	for version, suffix := range map[string]string{r.version: ".zip", r.version + "/go.mod": ".mod"} {
		lines, err := client.Lookup(r.path, version)
		if err != nil {
			return err
		}
		served, err := f.served(goProxy + below(r.path, r.version, suffix))
		if err != nil {
			return err
		}
		sum := hash1("", map[string]string{"go.mod": string(served)})
		if suffix == ".zip" {
			if sum, err = hashZip(served); err != nil {
				return err
			}
		}
		if !slices.Contains(lines, r.path+" "+version+" "+sum) {
			return fmt.Errorf("the database says %q, the proxy serves %s", lines, sum)
		}
	}
	return nil
}

// served is the body of a recorded answer.
func (f *forge) served(address string) ([]byte, error) {
	for _, a := range f.answers {
		if a.URL.String() == address && a.Status == 200 {
			return a.Body, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", address, fs.ErrNotExist)
}

// sumDBClient answers the go command's client from what is recorded, which has seen a
// tree before.
type sumDBClient struct{ *forge }

// ReadRemote implements [sumdb.ClientOps], as do the next six.
func (c *sumDBClient) ReadRemote(path string) ([]byte, error) {
	return c.served(goProxy + "sumdb/" + sumDBName + path)
}

// ReadConfig returns the key, or the head that was seen before.
func (c *sumDBClient) ReadConfig(file string) ([]byte, error) {
	switch file {
	case "key":
		return []byte(c.sumDB.key), nil
	case sumDBName + "/latest":
		return c.sumDB.head(logKept), nil
	}
	return nil, fs.ErrNotExist
}

// WriteConfig forgets a newer head.
func (c *sumDBClient) WriteConfig(string, []byte, []byte) error { return nil }

// ReadCache finds nothing.
func (c *sumDBClient) ReadCache(string) ([]byte, error) { return nil, fs.ErrNotExist }

// WriteCache keeps nothing.
func (c *sumDBClient) WriteCache(string, []byte) {}

// Log is silent.
func (c *sumDBClient) Log(string) {}

// SecurityError is silent: its error is that of the lookup.
func (c *sumDBClient) SecurityError(string) {}
