package registry

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"plimsoll/catalog/untrusted"
)

// codings lists the content codings of an answer in lower case, the first that
// was applied first. identity is none, and x-gzip is gzip (RFC 9110, section
// 8.4.1).
func codings(header http.Header) (list []string) {
	for name := range strings.SplitSeq(strings.Join(header.Values("Content-Encoding"), ","), ",") {
		switch name = untrusted.LowerASCII(strings.TrimSpace(name)); name {
		case "", "identity":
		case "x-gzip":
			list = append(list, "gzip")
		default:
			list = append(list, name)
		}
	}
	return list
}

// gunzip asks for gzip and undoes it, once. Any other coding it leaves as it is.
type gunzip struct{ base http.RoundTripper }

// CloseIdleConnections is that of [http.Transport].
func (g *gunzip) CloseIdleConnections() {
	if base, ok := g.base.(*http.Transport); ok {
		base.CloseIdleConnections()
	}
}

func (g *gunzip) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Accept-Encoding") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := g.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch list := codings(resp.Header); {
	case len(list) == 0:
		resp.Header.Del("Content-Encoding")
	case len(list) == 1 && list[0] == "gzip":
		resp.Body = &gzipBody{wire: resp.Body, limit: untrusted.MaxPackument}
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength = -1
		resp.Uncompressed = true
	}
	return resp, nil
}

// gzipMagic begins every gzip member.
const gzipMagic = "\x1f\x8b"

// gzipBody decompresses at most limit bytes of the wire. As installers do, it
// ignores what follows the last member.
type gzipBody struct {
	wire  io.ReadCloser
	limit int64
	from  *bufio.Reader
	zip   *gzip.Reader
}

func (b *gzipBody) Read(p []byte) (n int, err error) {
	switch {
	case b.from == nil:
		b.from = bufio.NewReader(http.MaxBytesReader(nil, b.wire, b.limit))
		b.zip, err = gzip.NewReader(b.from)
	case b.zip == nil:
		return 0, io.EOF
	}
	if err == nil {
		b.zip.Multistream(false)
		n, err = b.zip.Read(p)
	}
	if err == io.EOF && b.zip != nil { // of a member
		var next []byte
		if next, err = b.from.Peek(len(gzipMagic)); bytes.Equal(next, []byte(gzipMagic)) {
			err = b.zip.Reset(b.from)
		} else if _, tooLarge := errors.AsType[*http.MaxBytesError](err); !tooLarge {
			b.zip, err = nil, io.EOF
		}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return n, fmt.Errorf("%w: more compressed bytes than are read", untrusted.ErrTooLarge)
	}
	if errors.Is(err, gzip.ErrHeader) {
		return n, errors.New("the answer says that it is gzip (Content-Encoding), and is not")
	}
	return n, err
}

func (b *gzipBody) Close() error { return b.wire.Close() }
