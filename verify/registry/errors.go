package registry

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// ErrNotFound says that the registry answered 404 or 410.
var ErrNotFound = errors.New("not found")

// ErrVersionNotFound says that the registry does not have the release that was
// asked for. A release that is not there is never one without evidence.
var ErrVersionNotFound = errors.New("version not found")

// StatusError is an answer with a status other than 200. errors.Is finds
// [ErrNotFound] in it when the status is 404 or 410.
type StatusError struct {
	Code int
	URL  untrusted.Text // without credentials
	Body string         // the beginning of the answer, cleaned, on one line; "" for a web page
	// RetryAfter is how long the server asks to wait, 0 if it does not say.
	RetryAfter time.Duration
}

// Error says what the server answered.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("the server answers %d", e.Code)
	if name := http.StatusText(e.Code); name != "" {
		text += " " + name
	}
	if e.RetryAfter > maxRetryAfter {
		text += fmt.Sprintf(" and asks to wait %v", e.RetryAfter)
	}
	if e.Body != "" {
		text += ": " + e.Body
	}
	return text
}

// Is reports whether target is ErrNotFound and the status says so.
func (e *StatusError) Is(target error) bool {
	return target == ErrNotFound && (e.Code == http.StatusNotFound || e.Code == http.StatusGone)
}

// errorBody makes a server's error answer presentable: it may be anything, a
// page of markup or the credentials that were sent.
func errorBody(body []byte, contentType, authorization string) string {
	if isMarkup(body, contentType) {
		return ""
	}
	text := string(body)
	for _, secret := range secrets(authorization) {
		if len(body) >= untrusted.MaxErrorBody { // the cut may have left a part of it
			text = text[:max(0, len(text)-len(secret))]
		}
		text = strings.ReplaceAll(text, secret, "…")
	}
	return untrusted.Shorten(text, untrusted.MaxMessage)
}

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
			if _, password, _ := strings.Cut(string(decoded), ":"); password != "" {
				list = append(list, password)
			}
		}
	}
	return list
}

// JSONError turns an error of decoding an answer into one for people: where in
// the answer, and what is wrong there; cleaned, and without Go's names for
// things.
func JSONError(err error) error {
	if errors.Is(err, untrusted.ErrTooLarge) {
		return err
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		where := "at " + pointer(semantic.JSONPointer)
		switch {
		case semantic.Err != nil && semantic.JSONKind == 0:
			return errors.New(where + ": " + untrusted.Message(semantic.Err))
		case semantic.Err != nil:
			return fmt.Errorf("%s: found %s: %s", where, kindName(semantic.JSONKind), untrusted.Message(semantic.Err))
		default:
			return fmt.Errorf("%s: found %s, which does not belong there", where, kindName(semantic.JSONKind))
		}
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		where := "at " + pointer(syntactic.JSONPointer)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Errorf("%s: the name occurs twice", where)
		}
		return fmt.Errorf("no valid JSON %s: %s", where, untrusted.Message(syntactic.Err))
	}
	return errors.New(untrusted.Message(err))
}

func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "the top"
	}
	return fmt.Sprintf("%q", untrusted.Excerpt(string(p)))
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{', '}':
		return "an object"
	case '[', ']':
		return "a list"
	default:
		return "something else"
	}
}
