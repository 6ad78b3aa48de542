package verify

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// assumedPublishTime is what npm's own client takes if a packument gives no
// publish time: before any of its keys ended.
var assumedPublishTime = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

// signatures judges the registry's signatures over name@version:integrity.
// Every one is judged and shown.
func (a *attester) signatures(ev Evidence, art Artifact) []Signature {
	messages := signedMessages(ev.Release, art)
	out := make([]Signature, 0, len(art.Signatures))
	for _, offered := range art.Signatures {
		sig := Signature{KeyID: offered.KeyID, Sig: offered.Sig, Signed: untrusted.Clean(messages[0])}
		if a.unverified != "" {
			sig.Status, sig.Reason = Unchecked, notVerified(a.unverified)
		} else {
			sig.judge(messages, ev, art, a.trust)
		}
		out = append(out, sig)
	}
	return out
}

// signedMessages lists what a registry may have signed of a release: its
// integrity as served, and, if that says more than a SHA-512, the SHA-512 alone,
// as it was published. Both name the same bytes.
func signedMessages(release Release, art Artifact) []string {
	over := string(release.Name) + "@" + string(release.Version) + ":"
	messages := []string{over + string(art.Integrity)}
	if sum, err := hex.DecodeString(art.Digest.Hex); err == nil && art.Digest.Algorithm == "sha512" && len(sum) > 0 {
		if alone := "sha512-" + base64.StdEncoding.EncodeToString(sum); alone != string(art.Integrity) {
			messages = append(messages, over+alone)
		}
	}
	return messages
}

// judge sets the status of a signature over one of the messages, its reason and
// its key.
func (sig *Signature) judge(messages []string, ev Evidence, art Artifact, trust Trust) {
	if sig.Key = findKey(trust.Keys, sig.KeyID, UsageSignatures); sig.Key == nil {
		if sig.Key = otherUsage(trust.Keys, sig.KeyID, UsageSignatures); sig.Key != nil {
			sig.Status, sig.Reason = Invalid, wrongUsage(sig.Key, UsageSignatures)
			return
		}
		sig.Status, sig.Reason = Unchecked, fmt.Sprintf("signed with key %s, which is not among the registry's keys", sig.KeyID)
		if trust.KeysError != "" {
			sig.Reason = "the registry's keys could not be fetched: " + untrusted.Clean(trust.KeysError)
		}
		return
	}
	der, err := base64.StdEncoding.DecodeString(string(sig.Sig))
	if err != nil {
		sig.Status, sig.Reason = Invalid, "the signature is not base64"
		return
	}
	signed := slices.IndexFunc(messages, func(message string) bool {
		sum := sha256.Sum256([]byte(message))
		return ecdsa.VerifyASN1(sig.Key.Public, sum[:], der)
	})
	if signed < 0 {
		sig.Status, sig.Reason = unsigned(art)
		return
	}
	sig.Signed = untrusted.Clean(messages[signed])
	sig.Status, sig.Reason = checkKeyTime(ev, sig.Key)
}

// unsigned is what a signature is that does not verify. A registry that withholds
// the integrity that was signed, or serves another hash in its place, has shown
// nothing that the signature could contradict.
func unsigned(art Artifact) (Status, string) {
	switch {
	case art.Derived:
		return Unchecked, "the registry serves no integrity, so the signature over it cannot be checked"
	case art.Digest.Hex == "" && !strings.Contains(string(art.Integrity), "sha512-"):
		return Unchecked, fmt.Sprintf("the signature is not over the integrity that the registry serves: expected one with a SHA-512, found %q",
			untrusted.Excerpt(string(art.Integrity)))
	}
	return Invalid, "the signature does not match name, version and integrity of the release"
}

const dateLayout = "2006-01-02"

// checkKeyTime checks that a key was used within its validity. The publish time
// is unsigned, so this is a consistency check: it catches a key that leaked
// after its end, unless the registry lies about the time too.
func checkKeyTime(ev Evidence, key *RegistryKey) (Status, string) {
	if start, by := ev.signedBy(); !key.Start.IsZero() && !start.IsZero() && start.Before(key.Start) {
		return Invalid, fmt.Sprintf("signed with a key that counts from %s; expected a release that was published later, found one that was %s on %s",
			key.Start.UTC().Format(dateLayout), by, start.UTC().Format(dateLayout))
	}
	if key.End.IsZero() {
		return Verified, "the registry signed name, version and integrity"
	}
	published, known := ev.PublishTime, "published"
	if published.IsZero() {
		if ev.PublishTimeError != "" {
			return Unchecked, "the key ended on " + key.End.UTC().Format(dateLayout) + ", and when the release was published could not be fetched: " +
				untrusted.Clean(ev.PublishTimeError)
		}
		published, known = assumedPublishTime, "no publish time known, taken as"
	}
	if !published.Before(key.End) {
		return Invalid, fmt.Sprintf("signed with a key that had ended on %s, before the release was published on %s",
			key.End.UTC().Format(dateLayout), published.UTC().Format(dateLayout))
	}
	return Verified, fmt.Sprintf("the registry signed name, version and integrity, with a key that ended later (%s %s, key ended %s)",
		known, published.UTC().Format(dateLayout), key.End.UTC().Format(dateLayout))
}

// signedBy returns a time by which the registry had signed the release, and
// what happened then: its publishing, or, if that is not known, the last
// fetch of its evidence. It is zero if neither is known. The publish time is
// not fetched for a key's start alone: it stands in the packument, which is
// megabytes, and every key has a start.
func (ev Evidence) signedBy() (time.Time, string) {
	if !ev.PublishTime.IsZero() {
		return ev.PublishTime, "published"
	}
	var last time.Time
	for _, source := range ev.Sources {
		if source.Time.After(last) {
			last = source.Time
		}
	}
	return last, "fetched"
}

func findKey(keys []RegistryKey, id untrusted.Text, usage string) *RegistryKey {
	for i := range keys {
		if keys[i].ID == string(id) && keys[i].Usage == usage {
			return &keys[i]
		}
	}
	return nil
}

// otherUsage returns the key of that id if it is one of the registry's, for
// anything but usage; nil for a key that nobody knows.
func otherUsage(keys []RegistryKey, id untrusted.Text, usage string) *RegistryKey {
	if findKey(keys, id, usage) != nil {
		return nil
	}
	for i := range keys {
		if keys[i].ID == string(id) {
			return &keys[i]
		}
	}
	return nil
}

func wrongUsage(key *RegistryKey, usage string) string {
	return fmt.Sprintf("signed with the registry's key %s: expected one for %s, found one for %s",
		untrusted.Clean(key.ID), usage, untrusted.Clean(untrusted.Shorten(key.Usage, 80)))
}

// NeedsPublishTime reports whether judging a signature with the key needs the
// time at which the release was published: only if the key has an end.
func (t Trust) NeedsPublishTime(keyID string) bool {
	key := findKey(t.Keys, untrusted.Text(keyID), UsageSignatures)
	return key != nil && !key.End.IsZero()
}
