package registry

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
)

// Request is one document to get.
type Request struct {
	URL    *url.URL
	Accept string
	Limit  int64  // bytes of the decoded body, more is an error; one of untrusted's
	What   string // our name for it, for people: "manifest", "simple index"
	// Base is the registry that the document must come from: a URL with another
	// scheme or host is refused before it is asked. nil allows every host.
	Base *url.URL
	// Authorization is the header's value, "" for none. It is sent to URL's
	// host only, and shown nowhere.
	Authorization string
	// Fallback is the Authorization of a second request if the first is refused
	// (401, 403, 404) or offline nothing is kept of it, "" for none. What the first
	// one got is not recorded.
	Fallback string
	// Plain answers need not be JSON; one that calls itself a web page is an error still.
	Plain bool
	// Immutable answers never change once they are there: a cache may use what it
	// holds without asking.
	Immutable bool
	// Usable reads the answer and reports whether it is what was asked for; nil takes
	// every whole JSON text, and everything that is Plain. What is not usable is kept by
	// no cache, and asked for anew if a cache had it. Get returns it all the same: who
	// reads it says what is wrong.
	Usable   func(body []byte) bool
	Progress Progress // is told when the request has to wait

	anew bool // no cache is asked
}

func check(req Request) error {
	if req.URL == nil || req.URL.Host == "" {
		return errors.New("expected an absolute address, found none")
	}
	if req.Limit <= 0 {
		return errors.New("no limit on the size was given")
	}
	if req.URL.User != nil {
		return errors.New("an address with credentials is refused")
	}
	if req.Base != nil && !SameHost(req.Base, req.URL) {
		return fmt.Errorf("expected an address on %q, found %q", req.Base.Scheme+"://"+req.Base.Host, req.URL.Scheme+"://"+req.URL.Host)
	}
	return checkScheme(req.URL)
}

// wrongKind returns what an answer is that cannot be what was asked for, or nil.
func (r Request) wrongKind(body []byte, resp *http.Response) error {
	contentType := resp.Header.Get("Content-Type")
	switch {
	case !r.Plain:
		return notJSON(body, resp, r.Authorization)
	case IsWebPage(contentType):
		return &WebPage{ContentType: contentType, Body: bytes.Clone(body[:min(len(body), maxPage)]), plain: true}
	}
	return nil
}

// usable reports whether an answer is what was asked for. kept: it is, or is to be, in
// a cache.
func (r Request) usable(body []byte, kept bool) bool {
	if r.Usable != nil {
		return r.Usable(body)
	}
	return !kept || r.Plain || jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
