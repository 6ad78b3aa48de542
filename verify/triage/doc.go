// Package triage keeps what people decided about findings, in triage.yaml at
// the root of a catalog, where a pull request shows it.
//
// A [Decision] is about one finding of one package: it is known, it is
// rejected, or it carries a note. It is bound to what it was made for, the
// digests of the release's files and the identity that published them
// ([Binding]), and holds for nothing else: when either changes, when the
// finding itself changes, or when its date has passed, the finding comes back
// ([StateResurfaced]) and names which.
//
// A decision never changes a verdict. [Decisions.Apply] says beside it what
// was decided, [Queue] lists what is still to decide, the worst first, and
// neither evidence that does not verify nor what the policy on the
// command line demands can be marked as known at all. What could not be checked
// may be known, and still does not pass: see [verify.Judge].
//
// The file, of which the order is always the same and an unknown key an error:
//
//	version: 1
//	decisions:
//	  - package: npx/@acme/http-client
//	    version: 2.4.1                   # when it was decided, for people
//	    rule: publisher.workflow
//	    finding: sha256:…                # what was expected and found
//	    kind: known                      # or rejected, or note
//	    reason: the workflow was renamed
//	    until: 2026-12-31                # known only, may be left out; that day counts
//	    by: jdoe                         # may be left out
//	    at: 2026-10-01                   # may be left out
//	    artifacts: sha256:…              # see Binding
//	    publisher: sha256:…
//
// Saving keeps the comments at the top of the file and those directly above a
// decision; other comments are lost.
package triage
