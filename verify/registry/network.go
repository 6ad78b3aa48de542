package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"plimsoll/catalog/untrusted"
)

// networkError is an error of the network in words for people: what happened,
// with which host, and what to do.
type networkError struct {
	text  string
	cause error
}

func (e *networkError) Error() string { return e.text }
func (e *networkError) Unwrap() error { return e.cause }

// inPlainWords returns an error of a request to u in words for people, if it is
// one of those that the network makes, and else as it is: what happened, with which
// host, and what to do. errors.Is finds the cause.
func inPlainWords(err error, u *url.URL) error {
	host := fmt.Sprintf("%q", u.Host)
	op, isOp := errors.AsType[*net.OpError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	if isOp && op.Op == "proxyconnect" {
		host = "the proxy"
		if dial, ok := errors.AsType[*net.OpError](op.Err); ok && dial.Addr != nil {
			host = fmt.Sprintf("the proxy %q", dial.Addr.String())
		}
	}
	var text string
	switch name, isName := errors.AsType[*net.DNSError](err); {
	case isName && name.IsNotFound:
		text = fmt.Sprintf("the host %q is not known (no such host): check the address, and whether this network knows the name",
			untrusted.Text(name.Name))
	case isOff(err):
		text = fmt.Sprintf("%s cannot be reached from here (no route): check the network, and whether a proxy or a VPN is needed", host)
	case isTimeout(err):
		text = fmt.Sprintf("%s did not answer in time: check the network, and whether a proxy is needed", host)
	case isName:
		why := name.Err[strings.LastIndex(name.Err, ": ")+1:] // without Go's words for what it did
		text = fmt.Sprintf("the host %q could not be looked up (%s): check the network and its name server",
			untrusted.Text(name.Name), untrusted.Clean(strings.TrimSpace(why)))
	case errors.Is(err, syscall.ECONNREFUSED):
		text = fmt.Sprintf("nothing answers at %s (connection refused): check the address and the port, and whether the server runs", host)
	case errors.Is(err, http.ErrSchemeMismatch), noTLS:
		text = fmt.Sprintf("%s does not speak TLS there: check the port, and whether the address should begin with https", host)
	case isOp && op.Op == "remote error": // what the other side says of the handshake
		why := strings.TrimPrefix(untrusted.Message(op.Err), "tls: ")
		if why == "certificate required" {
			why += ", and plimsoll has none to show"
		}
		text = fmt.Sprintf("%s ended the TLS handshake: %s", host, why)
	case isCut(err):
		text = fmt.Sprintf("the connection to %s was cut before the whole answer had come", host)
	default:
		text = certificateText(err, host)
	}
	if why, ok := strings.CutPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: "); ok && text == "" {
		text = fmt.Sprintf("%s does not answer in proper HTTP: %s", host, untrusted.Clean(why))
	}
	if text == "" {
		return err
	}
	return &networkError{text, err}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// maxName bounds, in bytes, the names of a certificate that are shown.
const maxName = 120

// certificateText says why the certificate of a server was refused, and what to
// do; "" if that is not what err is about.
func certificateText(err error, host string) string {
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		names := slices.Clone(wrong.Certificate.DNSNames)
		for _, ip := range wrong.Certificate.IPAddresses {
			names = append(names, ip.String())
		}
		is := "it names none"
		if len(names) > 0 {
			is = "it is for " + untrusted.Shorten(untrusted.List(names, 3, 0), maxName)
		}
		return fmt.Sprintf("the certificate of %s is for another host (%s): check the address", host, is)
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		by := "by an unknown authority"
		if unknown.Cert != nil {
			by = fmt.Sprintf("by an unknown authority (%s)", untrusted.Shorten(unknown.Cert.Issuer.String(), maxName))
		}
		return fmt.Sprintf("the certificate of %s was issued %s: if it is your registry's or your company's own, "+
			"give its certificate with --ca-file FILE", host, by)
	}
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case ok && invalid.Reason == x509.Expired && strings.Contains(invalid.Detail, " is before "):
		return fmt.Sprintf("the certificate of %s begins on %s: check this machine's clock",
			host, invalid.Cert.NotBefore.UTC().Format("2006-01-02"))
	case ok && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s ended on %s: its owner has to renew it, or this machine's clock is wrong",
			host, invalid.Cert.NotAfter.UTC().Format("2006-01-02"))
	}
	if wrong, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Sprintf("the certificate of %s is refused: %s", host, strings.TrimPrefix(untrusted.Message(wrong.Err), "x509: "))
	}
	return ""
}

// proxyAnswered is the error of a proxy that opens no connection, or nil if it
// does.
func proxyAnswered(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &statusError{Code: resp.StatusCode, proxy: proxy.Host}
}
