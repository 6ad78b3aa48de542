// Package policy holds reports against what an organisation demands of the
// packages that it runs: at least this much evidence, only these publishers.
//
// A policy is a YAML file, of which an unknown key is an error:
//
//	version: 1
//	rules:
//	  - status: signed                    # every package, at least this
//	  - match:
//	      protocol: npx                   # or uvx; may be left out
//	      package: "@acme/*"              # path.Match; * stops at /; may be left out
//	    status: verified                  # verified > partial > signed > none
//	    slsa: 2                           # the least build level, 1 to 3
//	    publisher_kinds: [GitHub, GitLab]
//	    issuers: [https://token.actions.githubusercontent.com] # these, and no others
//	    runners: [github-hosted]
//	    owners: [github.com/acme]         # whoever owns the source: host/owner
//	    no_downgrade: true                # no less evidence than the releases before
//	    same_publisher: true              # as the release before, if it has one
//	    min_age: 7d                       # since it was published: 7d or 72h
//	exceptions:
//	  - package: "@acme/old"
//	    protocol: npx                     # may be left out
//	    rule: policy.slsa
//	    reason: built by hand until the move is done
//	    until: 2026-12-31                 # may be left out; that day counts
//
// Every rule that matches a package holds for it. What a rule says of the
// publisher must hold for each attestation that verified, and can only hold
// if one did: what nobody proved meets no demand. An issuer that it names, an
// enterprise's own say, is accepted; apart from that a policy can make a report
// worse and never better. An exception leaves its trace. What a policy from the
// command line demands is the operator's: no decision of the catalog waives it.
//
// What no_downgrade, same_publisher and min_age demand is decided by the versions
// before ([verify.Past]), which are fetched for the packages that these rules match.
// If they cannot be fetched, the package is unchecked: [Policy.Unknown].
package policy
