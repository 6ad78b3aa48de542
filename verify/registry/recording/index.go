package recording

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// Schema is the schema of recording.json that is written and read.
const Schema = "plimsoll/recording/v1"

// Names of the files of a recording.
const (
	indexFile       = "recording.json"
	bodiesFolder    = "bodies"
	trustedRootFile = "trusted_root.json"
	npmKeysFile     = "npm-keys.json"
)

// maxIndexes bounds the simple indexes of a recording, and what is said of them.
const maxIndexes = 64

// Header is what a recording says of itself.
type Header struct {
	Recorded    time.Time `json:"recorded"`       // the clock of the evidence in it; in UTC, whole seconds
	NPMRegistry string    `json:"npm_registry"`   // base URL, or "" if no npm registry was asked
	PyPIIndex   string    `json:"pypi_index"`     // base URL of the first index, or "" if none was asked
	PyPI        *Indexes  `json:"pypi,omitempty"` // if there is more to say than PyPIIndex does, or nil
	// Go has the settings of the go command by which modules were asked for, by their
	// variables, without credentials; or nil if none was.
	Go map[string]string `json:"go,omitempty"`
	// TreeHead is the newest signed tree head of the checksum database that was known
	// before, or "": it is what a replay holds the database to.
	TreeHead string `json:"tree_head,omitempty"`
	// Forked is set if the database had shown two histories: nothing that it says counts.
	Forked bool `json:"forked,omitzero"`
}

// Indexes are the simple indexes that were asked, and how.
type Indexes struct {
	Indexes  []Index  `json:"indexes"` // in their order
	Strategy string   `json:"strategy,omitempty"`
	Notices  []string `json:"notices,omitempty"` // what is said of every package
}

// Index is a simple index that was asked.
type Index struct {
	Name    string `json:"name,omitempty"`
	URL     string `json:"url,omitempty"`      // base URL, or "" if Fault says why there is none
	NotHere []int  `json:"not_here,omitempty"` // answers, beside 404, that mean that it does not have a project
	Shared  bool   `json:"shared,omitzero"`    // a 404 does not mean that
	Access  string `json:"access,omitempty"`   // which credentials were sent, in words
	Fault   string `json:"fault,omitempty"`
}

type index struct {
	Schema string `json:"schema"`
	Header
	Responses []entry `json:"responses"`
}

type entry struct {
	URL         string `json:"url"`
	Accept      string `json:"accept,omitempty"`
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`   // path below the recording's root; "" for an empty body
	SHA256      string `json:"sha256"` // lower-case hex over the body
}

type key struct{ url, accept string }

// decodeIndex reads recording.json, refusing what it does not know: a
// recording that is half understood would answer with half the evidence.
func decodeIndex(data []byte) (*index, error) {
	var schema struct {
		Schema string `json:"schema"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.RecordingShape, &schema); err != nil {
		return nil, err
	}
	if schema.Schema != Schema {
		return nil, fmt.Errorf("expected the schema %q, found %q", Schema, schema.Schema)
	}
	var idx index
	if err := json.Unmarshal(data, &idx, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	if idx.Recorded.IsZero() {
		return nil, errors.New("the time of the recording is missing")
	}
	for _, base := range idx.bases() {
		if err := checkURL(base); err != nil {
			return nil, err
		}
	}
	if p := idx.PyPI; p != nil && (len(p.Indexes) > maxIndexes || len(p.Notices) > maxIndexes) {
		return nil, fmt.Errorf("expected at most %d simple indexes and as many notices", maxIndexes)
	}
	seen := make(map[key]bool, len(idx.Responses))
	for i, e := range idx.Responses {
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("response %d: %w", i+1, err)
		}
		k := key{e.URL, e.Accept}
		if seen[k] {
			return nil, fmt.Errorf("response %d: %q is recorded twice", i+1, e.URL)
		}
		seen[k] = true
	}
	return &idx, nil
}

// bases returns the addresses of all registries.
func (h Header) bases() []string {
	list := []string{h.NPMRegistry, h.PyPIIndex}
	if h.PyPI != nil {
		for _, index := range h.PyPI.Indexes {
			list = append(list, index.URL)
		}
	}
	return slices.DeleteFunc(list, func(base string) bool { return base == "" })
}

func encodeIndex(idx *index) ([]byte, error) {
	data, err := json.Marshal(idx, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

func (e entry) check() error {
	if err := checkURL(e.URL); err != nil {
		return err
	}
	// A redirect has no meaning without its target, which is not recorded.
	if e.Status < 200 || e.Status > 599 || e.Status/100 == 3 {
		return fmt.Errorf("expected a status of a final answer, found %d", e.Status)
	}
	if strings.ContainsAny(e.ContentType+e.Accept, "\r\n\x00") {
		return fmt.Errorf("expected the values of headers, found %q and %q", e.Accept, e.ContentType)
	}
	if e.Body == "" {
		if e.SHA256 != "" && e.SHA256 != emptySHA256 {
			return fmt.Errorf("expected the hash of an empty body, found %q", e.SHA256)
		}
		return nil
	}
	if !fs.ValidPath(e.Body) || !strings.HasPrefix(e.Body, bodiesFolder+"/") || strings.Contains(e.Body, `\`) {
		return fmt.Errorf("expected the path of a body below %s/, found %q", bodiesFolder, e.Body)
	}
	if raw, err := hex.DecodeString(e.SHA256); err != nil || len(raw) != 32 || strings.ToLower(e.SHA256) != e.SHA256 {
		return fmt.Errorf("expected 64 lower-case hex digits of SHA-256, found %q", e.SHA256)
	}
	return nil
}

// checkURL refuses what a recording may not hold: anything but the absolute
// address of a registry, without credentials.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("expected an absolute https address, found %q", untrusted.Excerpt(raw))
	}
	if u.User != nil || u.Fragment != "" {
		return errors.New("an address with credentials or a fragment may not be recorded")
	}
	if u.String() != raw {
		return fmt.Errorf("expected the address as %q, found %q", u.String(), raw)
	}
	return nil
}

// emptySHA256 is the hash of no bytes.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
