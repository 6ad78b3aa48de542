package registry

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// ErrNotFound is the answer 404 or 410.
var ErrNotFound = errors.New("not found")

// ErrVersionNotFound means that the registry does not have the release. A release
// that does not exist is never one without evidence.
var ErrVersionNotFound = errors.New("version not found")

// errElsewhere ends the error of a redirect to another host.
var errElsewhere = errors.New("evidence comes from the configured host only")

// Unserved reports whether err says that a server answers and has no usable
// document at the address. A registry may serve packuments alone, and answer who
// asks for a version with a web page, or send them to another host, which is not
// followed.
func Unserved(err error) bool {
	switch StatusCode(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusGone,
		http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return true
	}
	_, page := errors.AsType[*WebPage](err)
	return page || errors.Is(err, errElsewhere)
}

// statusError is an answer with a status other than 200. errors.Is finds
// [ErrNotFound] in it when the status is 404 or 410.
type statusError struct {
	Code int
	Body string // the beginning of the answer, cleaned, on one line; "" for a web page
	// RetryAfter is how long the server asks to wait, 0 if it does not say.
	RetryAfter time.Duration
	proxy      string // the host of the proxy that answers instead of the server, or ""
}

// tooMany reports whether the server asks for fewer requests.
func (e *statusError) tooMany() bool {
	return e.Code == http.StatusTooManyRequests || e.Code == 420 // some servers' own number for it
}

// Error implements error.
func (e *statusError) Error() string {
	text := fmt.Sprintf("the server answers %d", e.Code)
	if e.proxy != "" {
		text = fmt.Sprintf("the proxy %q answers %d", e.proxy, e.Code)
	}
	if name := http.StatusText(e.Code); name != "" {
		text += " " + name
	}
	if e.Code == http.StatusProxyAuthRequired {
		text += " (it asks for a user name and a password: give them in the address of the proxy)"
	}
	if e.RetryAfter > maxRetryAfter {
		text += " and asks to wait " + inWords(e.RetryAfter)
	}
	if e.Body != "" {
		text += ": " + e.Body
	}
	return text
}

// Is reports whether target is ErrNotFound and the status is 404 or 410.
func (e *statusError) Is(target error) bool {
	return target == ErrNotFound && e.proxy == "" && (e.Code == http.StatusNotFound || e.Code == http.StatusGone)
}

// StatusCode returns the status other than 200 with which a registry has answered
// if that is what err is about, and else 0. What a proxy answers is not the
// registry's.
func StatusCode(err error) int {
	if status, ok := errors.AsType[*statusError](err); ok && status.proxy == "" {
		return status.Code
	}
	return 0
}

// errorBody returns the text of a server's error answer for people, or "" for a web
// page, an empty document or what is no text. It removes the credentials that were sent.
func errorBody(body []byte, contentType, authorization string) string {
	if isMarkup(body, contentType) || packing(body) != "" {
		return ""
	}
	text := string(body)
	if slices.Contains([]string{"{}", "[]", "null"}, strings.TrimSpace(text)) {
		return ""
	}
	for _, secret := range secrets(authorization) {
		if len(body) >= untrusted.MaxErrorBody { // the cut may have left a part of it
			text = text[:max(0, len(text)-len(secret))]
		}
		text = strings.ReplaceAll(text, secret, "…")
	}
	return untrusted.Shorten(text, untrusted.MaxMessage)
}

// minToken is the length from which a user without a password is taken for a token
// that stands in its place.
const minToken = 8

// secrets lists the forms in which an Authorization value may come back.
func secrets(authorization string) []string {
	if authorization == "" {
		return nil
	}
	list := []string{authorization}
	scheme, credential, _ := strings.Cut(authorization, " ")
	if credential == "" {
		return list
	}
	list = append(list, credential)
	if strings.EqualFold(scheme, "Basic") {
		if decoded, err := base64.StdEncoding.DecodeString(credential); err == nil {
			user, password, _ := strings.Cut(string(decoded), ":")
			if password == "" && len(user) >= minToken {
				password = user
			}
			if password != "" {
				list = append(list, password)
			}
		}
	}
	return list
}
