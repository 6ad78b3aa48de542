package evidencefile

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// decodeText returns the file's text as UTF-8 and without a byte order mark.
// PowerShell writes UTF-16 if output is redirected. What is no JSON is named in
// the error.
func decodeText(data []byte) ([]byte, error) {
	order := binary.ByteOrder(binary.LittleEndian)
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		data = data[2:]
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		data, order = data[2:], binary.BigEndian
	case bytes.HasPrefix(data, []byte("{\x00")), bytes.HasPrefix(data, []byte("[\x00")):
	default:
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		return data, foreignText(data)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := []byte(string(utf16.Decode(units)))
	if len(data)%2 != 0 || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errors.New("the file is UTF-16 that is broken: write it anew as UTF-8")
	}
	return text, foreignText(text)
}

// magic are the first bytes of what people take for evidence, what that is, and
// what to do.
var magic = []struct{ prefix, is string }{
	{"<", "an HTML or XML page, as a server's error or log-in page is saved: fetch the file again"},
	{"\x1f\x8b", "a gzip file: unpack evidence first (gunzip); an artifact is given with --artifact"},
	{"\x28\xb5\x2f\xfd", "a zstd file: unpack it first (unzstd)"},
	{"\xfd7zXZ", "an xz file: unpack it first (unxz)"},
	{"BZh", "a bzip2 file: unpack it first (bunzip2)"},
	{"PK\x03\x04", "a zip file: unpack evidence first; an artifact is given with --artifact"},
	{"-----BEGIN PGP", "a PGP signature, which plimsoll does not read: gpg --verify FILE ARTIFACT checks it"},
	{"-----BEGIN SSH SIGNATURE", "an SSH signature, which plimsoll does not read: ssh-keygen -Y verify checks it"},
	{"-----BEGIN CERTIFICATE", certificateAlone},
	{"-----BEGIN ", "a key or another PEM file, which is no evidence: verify-bundle --key takes a public key"},
	{"untrusted comment:", "a signature of minisign or signify, which plimsoll does not read"},
	{"0\x82", "a DER file (a certificate or a timestamp) alone, without the bundle that it belongs to"},
}

const (
	together = "cosign bundle create --artifact ARTIFACT --signature SIGNATURE --certificate CERTIFICATE --out NEW " +
		"makes a Sigstore bundle of both"

	signatureAlone   = "a signature alone (.sig), without its certificate: " + together
	certificateAlone = "a certificate alone (.pem), without its signature: " + together
)

// foreignText returns an error that names what is no JSON, or nil.
func foreignText(text []byte) error {
	text = bytes.Trim(text, blank)
	if len(text) == 0 {
		return fmt.Errorf("%s; found an empty file", expected)
	}
	if text[0] == '{' || text[0] == '[' {
		return nil
	}
	for _, m := range magic {
		if bytes.HasPrefix(text, []byte(m.prefix)) {
			return errors.New("this is " + m.is)
		}
	}
	head := text[:min(len(text), 64)]
	raw, err := base64.StdEncoding.DecodeString(string(text[:min(len(text), 16<<10)])) // it skips line breaks
	switch {
	case jsontext.Value(text).IsValid():
		return fmt.Errorf("%s; found a single JSON value", expected)
	case !utf8.Valid(text) && (bytes.Contains(head, []byte(`"mediaType"`)) || bytes.Contains(head, []byte(`{"media`))):
		return errors.New("this is a bundle that is packed (snappy), as GitHub's bundle_url serves it: " +
			"gh attestation download fetches it unpacked")
	case err == nil && bytes.HasPrefix(raw, []byte("-----BEGIN CERTIFICATE")):
		return errors.New("this is " + certificateAlone)
	case err == nil && bytes.HasPrefix(raw, []byte("{")):
		return errors.New("this is JSON in base64: decode it first (base64 -d)")
	case err == nil && len(raw) > 8 && raw[0] == '0':
		return errors.New("this is " + signatureAlone)
	}
	if bytes.Contains(text, []byte("\n{")) || bytes.Contains(text, []byte("\n[")) {
		return fmt.Errorf("expected JSON, found text before it: %q: leave it out (2>/dev/null if a program printed a warning)",
			untrusted.Excerpt(string(head)))
	}
	return fmt.Errorf("%s; found no JSON: it begins with %q", expected, untrusted.Text(text[:min(len(text), 16)]))
}

// blank are the characters between JSON texts; RFC 7464 has a separator.
const blank = " \t\r\n\x1e"

// part is one JSON text of the file, or one element of its list.
type part struct {
	where string // "line 3"
	raw   []byte
	err   error // why it is no JSON, or nil
}

// split takes a file apart: JSON texts behind each other, most often one a line,
// and the elements of lists. form says how they stand there, "" for one object.
func split(text []byte) (parts []part, form string, err error) {
	broken, texts, line := 0, 0, 1
	wasted := int64(0) // bytes that were read for what is no JSON, and are read again
	for at := 0; ; texts++ {
		gap := len(text[at:]) - len(bytes.TrimLeft(text[at:], blank))
		line += bytes.Count(text[at:at+gap], []byte("\n"))
		if at += gap; at == len(text) {
			break
		}
		d := decoder(text[at:])
		raw, err := d.ReadValue()
		end := at + int(d.InputOffset())
		if err != nil {
			end = nextObject(text, at)
			if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
				wasted += syntax.ByteOffset
			}
			if wrong := untrusted.EvidenceShape.Check(text[at:end]); wrong != nil {
				err = wrong
			}
			broken++
			raw = jsontext.Value(text[at:end])
		}
		p := part{fmt.Sprintf("line %d", line), bytes.Clone(raw), err}
		line += bytes.Count(text[at:end], []byte("\n"))
		at = end
		if err == nil && raw.Kind() == '[' {
			parts, err = elements(parts, p)
		} else {
			parts, err = append(parts, p), nil
		}
		switch {
		case err != nil:
			return nil, "", err
		case len(parts) > untrusted.MaxBundlesPerFile:
			return nil, "", fmt.Errorf("%w: more than %d JSON texts", untrusted.ErrTooLarge, untrusted.MaxBundlesPerFile)
		case wasted > untrusted.MaxEvidenceFile:
			return nil, "", fmt.Errorf("too much of it cannot be read; %s: %w", p.where, unreadable(p.err))
		}
	}
	switch {
	case len(parts) == 0:
		return nil, "", fmt.Errorf("%s; found an empty list", expected)
	case broken == len(parts):
		return nil, "", fmt.Errorf("%s; found %w", expected, unreadable(parts[0].err))
	case texts > 1:
		return parts, "JSON lines", nil
	case bytes.HasPrefix(bytes.TrimLeft(text, blank), []byte("[")):
		return parts, "list", nil
	}
	return parts, "", nil
}

func decoder(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// nextObject returns where the next line begins that an object may begin at.
func nextObject(text []byte, from int) int {
	if i := bytes.Index(text[from:], []byte("\n{")); i >= 0 {
		return from + i + 1
	}
	return len(text)
}

// elements appends the elements of a list, which is valid JSON.
func elements(parts []part, list part) ([]part, error) {
	d := decoder(list.raw)
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	for n := 1; d.PeekKind() != ']'; n++ {
		raw, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{where: fmt.Sprintf("element %d of %s", n, list.where), raw: bytes.Clone(raw)})
		if len(parts) > untrusted.MaxBundlesPerFile {
			return parts, nil
		}
	}
	return parts, nil
}

// unreadable tells what is wrong in a JSON text. Base64 that was broken into
// lines is the fault that people make.
func unreadable(err error) error {
	if text := err.Error(); strings.Contains(text, `'\n'`) && strings.Contains(text, "string") {
		return fmt.Errorf("JSON that cannot be read: a text in it goes over several lines, as base64 of MIME does: join them (%w)",
			untrusted.JSONError(err))
	}
	return fmt.Errorf("JSON that cannot be read: %w", untrusted.JSONError(err))
}
