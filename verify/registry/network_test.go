package registry

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// certificate makes a certificate that its own key signs.
func certificate(t *testing.T, change func(*x509.Certificate)) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "A \x1b[2J private authority"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
}

// What people meet between them and a registry is said in words, by a real
// connection: which host, what happened, what to do.
func TestTLSinPlainWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 60) + ".example"
	for name, tt := range map[string]struct {
		change  func(*x509.Certificate)
		server  func(*tls.Config)
		unknown bool
		want    string
	}{
		"an unknown authority": {func(*x509.Certificate) {}, nil, true,
			`was issued by an unknown authority (CN=A \x1b[2J private authority): if it is your registry's or your company's own, give its certificate with --ca-file FILE`},
		"another host": {func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"a.example", "b.example"} }, nil, false,
			`is for another host (it is for a.example, b.example): check the address`},
		"an address among many hosts": {func(c *x509.Certificate) {
			c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)}
			c.DNSNames = []string{long, long, long, long}
		}, nil, false, `is for another host (it is for ` + long + ", aaaa"},
		"no host": {func(c *x509.Certificate) { c.IPAddresses = nil }, nil, false, `is for another host (it names none): check the address`},
		"ended": {func(c *x509.Certificate) {
			c.NotAfter = time.Date(2021, 3, 4, 0, 0, 0, 0, time.UTC)
			c.NotBefore = c.NotAfter.AddDate(-1, 0, 0)
		}, nil, false,
			"ended on 2021-03-04: its owner has to renew it, or this machine's clock is wrong"},
		"not begun": {func(c *x509.Certificate) {
			c.NotBefore = time.Date(2999, 3, 4, 0, 0, 0, 0, time.UTC)
			c.NotAfter = c.NotBefore.AddDate(1, 0, 0)
		}, nil, false,
			"begins on 2999-03-04: check this machine's clock"},
		"for another use": {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning} }, nil, false,
			"is refused: certificate specifies an incompatible key usage"},
		"an old version of TLS": {func(*x509.Certificate) {}, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, false,
			"ended the TLS handshake: protocol version not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair, parsed := certificate(t, tt.change)
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			if tt.server != nil {
				tt.server(server.TLS)
			}
			server.StartTLS()
			defer server.Close()
			pool := x509.NewCertPool()
			if !tt.unknown {
				pool.AddCert(parsed)
			}
			c := New(Options{Transport: NewTransport(TransportOptions{RootCAs: pool}), Sleep: noWait})
			_, _, err := c.Get(t.Context(), request(parse(t, server.URL+"/x")))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), server.Listener.Addr().String()) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 400 {
				t.Errorf("%d bytes: %q", len(err.Error()), err)
			}
		})
	}
}

// Time that runs out is said, too, for who asks without a client.
func TestTimeoutinPlainWords(t *testing.T) {
	t.Parallel()
	err := inPlainWords(&url.Error{Op: "Get", URL: "https://a.example", Err: context.DeadlineExceeded}, parse(t, "https://a.example"))
	if !errors.Is(err, context.DeadlineExceeded) || err.Error() != `"a.example" did not answer in time: check the network, and whether a proxy is needed` {
		t.Errorf("got %v", err)
	}
}

func TestNetworkinPlainWords(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, base, _ := strings.Cut(closed.URL, "//")
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	proxied := func(status int) http.RoundTripper {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(proxy.Close)
		address := parse(t, proxy.URL)
		address.User = url.UserPassword("user", "hunter2")
		return NewTransport(TransportOptions{Proxy: http.ProxyURL(address)})
	}
	dead := parse(t, closed.URL)
	for name, tt := range map[string]struct {
		transport http.RoundTripper
		address   string
		want      string
	}{
		"refused":               {nil, closed.URL, `nothing answers at "` + base + `" (connection refused): check the address and the port, and whether the server runs`},
		"no TLS":                {nil, "https" + strings.TrimPrefix(plain.URL, "http"), `does not speak TLS there: check the port, and whether the address should begin with https`},
		"a dead proxy":          {NewTransport(TransportOptions{Proxy: http.ProxyURL(dead)}), "https://a.example", `nothing answers at the proxy "` + base + `"`},
		"a proxy asks":          {proxied(407), "https://a.example", `answers 407 Proxy Authentication Required (it asks for a user name`},
		"a proxy refuses":       {proxied(403), "https://a.example", `the proxy "127.0.0.1:`},
		"a proxy finds nothing": {proxied(404), "https://a.example", `answers 404 Not Found`},
		"a proxy is overloaded": {proxied(503), "https://a.example", `answers 503 Service Unavailable (tried 4 times)`},
		"no such host": {&script{steps: steps(failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "a.example", IsNotFound: true}}))}, "https://a.example",
			`the host "a.example" is not known (no such host): check the address, and whether this network knows the name`},
		"no name server": {&script{steps: steps(failing(&net.DNSError{Err: "server \x1b misbehaving", Name: "a.example", IsTemporary: true}))}, "https://a.example",
			`the host "a.example" could not be looked up (server \x1b misbehaving): check the network and its name server (tried 4 times)`},
		"no route": {&script{steps: steps(failing(&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}))}, "https://a.example",
			`"a.example" cannot be reached from here (no route): check the network, and whether a proxy or a VPN is needed`},
		"no network": {&script{steps: steps(failing(&net.DNSError{Err: "dial udp 10.0.0.1:53: connect: network is unreachable", Name: "a.example", IsTemporary: true}))},
			"https://a.example", `from https://a.example/x: "a.example" cannot be reached from here (no route): check`},
		"no name server in time": {&script{steps: steps(failing(&net.DNSError{Err: "read udp 10.0.0.1:53: i/o trouble", Name: "a.example"}))}, "https://a.example",
			`the host "a.example" could not be looked up (i/o trouble): check the network and its name server`},
		"no connection in time": {&script{steps: steps(failing(&net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}))}, "https://a.example",
			"no connection came about in time: check the network, and whether a proxy is needed"},
		"no address in time": {&script{steps: steps(failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}))}, "https://a.example",
			"no connection came about in time: check the network, and whether a proxy is needed"},
		"a certificate is asked for": {&script{steps: steps(failing(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}))}, "https://a.example",
			`"a.example" ended the TLS handshake: certificate required, and plimsoll has none to show`},
		"cut": {&script{steps: steps(failing(&net.OpError{Op: "read", Err: syscall.ECONNRESET}))}, "https://a.example",
			`the connection to "a.example" was cut before the whole answer had come (tried 4 times)`},
		"no HTTP": {&script{steps: steps(failing(errors.New("net/http: HTTP/1.x transport connection broken: bad \x1b")))}, "https://a.example",
			`"a.example" does not answer in proper HTTP: bad \x1b`},
		"anything else": {&script{steps: steps(failing(errors.New("something else")))}, "https://a.example", "from https://a.example/x: something else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := New(Options{Transport: tt.transport, Sleep: noWait})
			_, _, err := c.Get(t.Context(), request(parse(t, tt.address+"/x")))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") || errors.Is(err, ErrNotFound) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
