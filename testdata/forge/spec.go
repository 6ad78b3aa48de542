package main

import (
	"fmt"
	"strconv"
	"strings"
)

// spec is a spec.yaml to be written.
type spec struct {
	story        string // a leading comment
	name         string // metadata.name
	description  string
	protocol     string
	pkg, version string
	extra        string // further lines of the spec section
	repository   string // provenance.repository_uri
	ref          string // provenance.repository_ref
	attestations *documented
	issuer       string // legacy: provenance.cert_issuer
	signer       string // legacy: provenance.signer_identity
	runner       string // legacy: provenance.runner_environment
	expect       string // x-plimsoll.expect
	change       *verdict
}

// verdict is x-plimsoll.expect_change: what a review must say.
type verdict struct {
	kind, verdict, publisher, evidence string
	errors, warnings                   []string // rules of what the change brings
}

// documented is provenance.attestations; empty publisher fields are left out.
type documented struct {
	available, verified        bool
	kind, repository, workflow string
}

// yaml writes the spec. Strings are double-quoted, so that whatever a terminal
// might obey is an escape in the file.
func (s *spec) yaml() []byte {
	var b strings.Builder
	for _, line := range wrap(s.story, 98) {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	section := func(title string, pairs ...string) {
		var lines string
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				lines += "  " + pairs[i] + ": " + strconv.Quote(pairs[i+1]) + "\n"
			}
		}
		if lines != "" {
			fmt.Fprintf(&b, "\n%s:\n%s", title, lines)
		}
	}
	section("metadata", "name", s.name, "description", s.description, "protocol", s.protocol)
	section("spec", "package", s.pkg, "version", s.version)
	b.WriteString(s.extra)
	section("provenance", "repository_uri", s.repository, "repository_ref", s.ref,
		"cert_issuer", s.issuer, "signer_identity", s.signer, "runner_environment", s.runner)
	if s.attestations != nil {
		if !strings.Contains(b.String(), "\nprovenance:\n") {
			b.WriteString("\nprovenance:\n")
		}
		s.attestations.write(&b)
	}
	section("x-plimsoll", "expect", s.expect)
	if c := s.change; c != nil {
		fmt.Fprintf(&b, "  expect_change:\n    kind: %s\n    verdict: %s\n    publisher: %s\n    evidence: %s\n    errors: [%s]\n    warnings: [%s]\n",
			c.kind, c.verdict, c.publisher, c.evidence, strings.Join(c.errors, ", "), strings.Join(c.warnings, ", "))
	}
	return []byte(strings.TrimPrefix(b.String(), "\n"))
}

func (d *documented) write(b *strings.Builder) {
	fmt.Fprintf(b, "  attestations:\n    available: %t\n    verified: %t\n", d.available, d.verified)
	if d.kind+d.repository+d.workflow == "" {
		return
	}
	b.WriteString("    publisher:\n")
	for _, pair := range [][2]string{{"kind", d.kind}, {"repository", d.repository}, {"workflow", d.workflow}} {
		if pair[1] != "" {
			fmt.Fprintf(b, "      %s: %s\n", pair[0], strconv.Quote(pair[1]))
		}
	}
}

// wrap breaks text into lines of at most width bytes.
func wrap(text string, width int) (lines []string) {
	var line string
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
