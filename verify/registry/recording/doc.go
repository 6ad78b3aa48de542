// Package recording answers requests from a recording instead of the network.
//
// A recording is a folder (or an embedded one):
//
//	recording.json      the index: every request that was made, and its answer
//	bodies/…            the bodies, in files named by the index
//	trusted_root.json   the Sigstore trust root of the evidence, if recorded
//	npm-keys.json       the registry keys, if recorded
//
// recording.json is {"schema": "plimsoll/recording/v1", "recorded": RFC 3339,
// "npm_registry": URL, "pypi_index": URL, "responses": [{"url": …, "accept":
// …, "status": 200, "content_type": …, "body": "bodies/…", "sha256": hex}]}.
// A response without "accept" answers a request for its URL with any Accept
// header that has no response of its own.
// A request that was not recorded is an error that names it; a body whose hash
// is not the recorded one is refused.
//
// A [Recorder] writes a recording, [Open] reads one back.
package recording
