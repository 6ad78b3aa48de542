package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// Recording is an http.RoundTripper over recorded responses. It may be used
// from several goroutines.
type Recording struct {
	Header
	fsys    fs.FS
	entries map[key]entry
}

// ErrNotRecorded is the error of a request that has no answer in the recording.
var ErrNotRecorded = errors.New("not in the recording")

// Open reads the index of the recording in fsys. An unknown schema, unknown
// members, a request recorded twice and paths that leave bodies/ are refused.
// The bodies are read, and their hashes compared, when they are asked for.
func Open(fsys fs.FS) (*Recording, error) {
	data, err := untrusted.ReadRegular(fsys, indexFile, untrusted.MaxRecording)
	var idx *index
	if err == nil {
		idx, err = decodeIndex(data)
	}
	if err != nil {
		return nil, fmt.Errorf("open the recording: %s: %w", indexFile, err)
	}
	r := &Recording{Header: idx.Header, fsys: fsys, entries: make(map[key]entry, len(idx.Responses))}
	for _, e := range idx.Responses {
		r.entries[key{e.URL, e.Accept}] = e
	}
	return r, nil
}

// TrustedRoot returns the recorded Sigstore trust root, or an error that wraps
// fs.ErrNotExist if there is none.
func (r *Recording) TrustedRoot() ([]byte, error) {
	return untrusted.ReadRegular(r.fsys, trustedRootFile, untrusted.MaxTrustFile)
}

// NPMKeys returns the recorded registry keys, or an error that wraps
// fs.ErrNotExist if there are none.
func (r *Recording) NPMKeys() ([]byte, error) {
	return untrusted.ReadRegular(r.fsys, npmKeysFile, untrusted.MaxTrustFile)
}

// RoundTrip answers a GET from the recording. A request that was not recorded
// is an error that wraps [ErrNotRecorded] and names it.
func (r *Recording) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	u := *req.URL
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	e, ok := r.entries[key{u.String(), req.Header.Get("Accept")}]
	if !ok {
		e, ok = r.entries[key{u.String(), ""}]
	}
	if !ok || req.Method != http.MethodGet {
		return nil, fmt.Errorf("%w: %s %q (Accept: %q)", ErrNotRecorded, req.Method, u.String(), req.Header.Get("Accept"))
	}
	body, err := r.body(e)
	if err != nil {
		return nil, err
	}
	return registry.Answer(req, e.Status, e.ContentType, int64(len(body)), io.NopCloser(bytes.NewReader(body))), nil
}

func (r *Recording) body(e entry) ([]byte, error) {
	if e.Body == "" {
		return nil, nil
	}
	data, err := untrusted.ReadRegular(r.fsys, e.Body, untrusted.MaxPackument)
	if err != nil {
		return nil, fmt.Errorf("the recorded body for %q: %w", e.URL, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != e.SHA256 {
		return nil, fmt.Errorf("the recorded body for %q: expected SHA-256 %s, found %x: the recording was changed", e.URL, e.SHA256, sum)
	}
	return data, nil
}
