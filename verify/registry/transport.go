package registry

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// TransportOptions configure [NewTransport]. The zero value is usable.
type TransportOptions struct {
	// RootCAs are the certificate authorities that servers are checked with;
	// nil means the system's. See [Authorities].
	RootCAs *x509.CertPool
	// Proxy returns the proxy for a request, nil for none; its error is the
	// request's. nil means the proxies of the environment.
	Proxy   func(*http.Request) (*url.URL, error)
	Connect time.Duration // for a connection, and again for its TLS handshake; 0 means 10 s
	Headers time.Duration // for the beginning of an answer, 0 means 20 s
}

// NewTransport returns the transport that a client uses if none is given:
// bounded in time at every step, HTTP/2, connections kept alive. It asks for gzip and undoes it, with a bound on the
// bytes that come over the wire: net/http has none, and an endless stream of
// empty compressed blocks decodes to nothing.
//
// Wrappers that cache or log go around it.
func NewTransport(o TransportOptions) http.RoundTripper {
	if o.Connect <= 0 {
		o.Connect = 10 * time.Second
	}
	if o.Headers <= 0 {
		o.Headers = 20 * time.Second
	}
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	dialer := &net.Dialer{Timeout: o.Connect}
	// A connection that died while the machine slept takes requests for a quarter of an
	// hour. Two of these are over before the answer is late.
	ping := o.Headers * 2 / 5
	return Network(&gunzip{base: &http.Transport{
		Proxy:                  o.Proxy,
		OnProxyConnectResponse: proxyAnswered,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    o.Connect,
		ResponseHeaderTimeout:  o.Headers,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    2 * defaultPerHost,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: ping, PingTimeout: ping},
		DisableCompression:     true, // gunzip does it
	}})
}

// Authorities returns the system's certificate authorities and others, or nil if
// there are no others. On Linux, SSL_CERT_FILE and SSL_CERT_DIR say which are the
// system's. If those cannot be read, there are only the others.
func Authorities(others ...*x509.Certificate) *x509.CertPool {
	if len(others) == 0 {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, certificate := range others {
		pool.AddCert(certificate)
	}
	return pool
}

// ParseCertificates returns the certificates in PEM that can be read. The error is
// that of the first block that is none, or of a text without any.
func ParseCertificates(data []byte) (list []*x509.Certificate, err error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		certificate, wrong := x509.ParseCertificate(block.Bytes)
		switch {
		case !strings.HasSuffix(block.Type, "CERTIFICATE"): // OpenSSL has had longer names for it
			err = cmp.Or(err, fmt.Errorf("expected certificates in PEM, found %q", untrusted.Excerpt(block.Type)))
		case wrong != nil:
			err = cmp.Or(err, fmt.Errorf("certificate %d cannot be read: %w", len(list)+1, wrong))
		default:
			list = append(list, certificate)
		}
	}
	if len(list) == 0 {
		err = cmp.Or(err, errors.New("expected certificates in PEM, found none"))
	}
	return list, err
}
