package trust

import (
	"bytes"
	"errors"
	"net/http"
	"path"
	"testing"

	"github.com/theupdateframework/go-tuf/v2/metadata/config"

	"plimsoll/catalog/untrusted"
)

// A file as large as it may be is read, and not a byte more.
func TestTimestampOfTheLargestSize(t *testing.T) {
	t.Parallel()
	settings, err := config.New("https://tuf.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	limit := int(settings.TimestampMaxLength)
	for size, want := range map[int]error{limit: nil, limit + 1: untrusted.ErrTooLarge} {
		r := newTUFRepository(t, withKeys(t))
		timestamp := r.File("timestamp.json")
		r.Publish("timestamp.json", append(timestamp, bytes.Repeat([]byte(" "), size-len(timestamp))...))
		p := providerOf(r, "", false, &testClock{noon})
		if _, err := p.options.TUF.open(p.options.Now, nil); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", size, err, want)
		}
	}
}

// newerRoot answers every question for a newer root with a status.
type newerRoot int

func (n newerRoot) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && isRoot(path.Base(req.URL.Path)) {
		resp.StatusCode = int(n)
	}
	return resp, err
}

// Only a root that is not there ends the chain of roots: one that is kept back
// may have revoked the keys of those before.
func TestOnlyAMissingRootIsTheLast(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	for _, status := range []newerRoot{http.StatusNotFound, http.StatusForbidden, http.StatusInternalServerError} {
		for _, folder := range []string{"", cache} {
			p := providerOf(r, folder, false, &testClock{noon})
			p.options.TUF.Transport = status
			if _, err := p.options.TUF.open(p.options.Now, nil); (err == nil) != (status == http.StatusNotFound) {
				t.Errorf("it answers %d: %v", status, err)
			}
		}
	}
}
