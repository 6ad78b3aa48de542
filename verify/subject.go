package verify

import (
	"fmt"

	packageurl "github.com/package-url/packageurl-go"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/pyname"
	"plimsoll/verify/statement"
)

// npmPURL returns the purl by which npm's statements name a release:
// pkg:npm/%40scope/name@version. Only the @ of the scope is encoded.
func npmPURL(release Release) string {
	namespace, name := "", string(release.Name)
	for i := range name {
		if name[i] == '/' {
			namespace, name = name[:i], name[i+1:]
			break
		}
	}
	return packageurl.NewPackageURL(packageurl.TypeNPM, namespace, name, string(release.Version), nil, "").ToString()
}

// checkSubject holds that the statement is about this artifact: exactly one
// subject, its name and its digest together. sigstore-go accepts any subject
// that has the digest, which lets an attestation of one package pass for
// another that ships the same bytes.
func checkSubject(st *statement.Statement, release Release, art Artifact) outcome {
	if n := len(st.Subjects); n != 1 {
		return fail(fmt.Sprintf("expected exactly one subject, found %d", n))
	}
	subject := st.Subjects[0]
	if out, ok := checkSubjectName(subject.Name, release, art); !ok {
		return out
	}
	if art.Digest.Hex == "" {
		return blocked("the registry gives no usable digest of the artifact to compare the subject with")
	}
	got, ok := subject.Digest[art.Digest.Algorithm]
	if !ok {
		return outcome{Fail, "the subject has no " + art.Digest.Algorithm + " digest", art.Digest.String(), "none"}
	}
	if string(got) != art.Digest.Hex {
		return outcome{Fail, "the statement is about other bytes than the registry serves",
			art.Digest.String(), art.Digest.Algorithm + ":" + got.String()}
	}
	return outcome{Pass, "the one subject has the name and the " + art.Digest.Algorithm + " of this artifact",
		art.Digest.String(), art.Digest.Algorithm + ":" + got.String()}
}

func checkSubjectName(name untrusted.Text, release Release, art Artifact) (outcome, bool) {
	if release.Ecosystem == NPM {
		want := npmPURL(release)
		if string(name) != want {
			return differs("the statement names another package", untrusted.Text(want), name), false
		}
		return outcome{}, true
	}
	project := pyname.NormalizeName(string(release.Name))
	file, err := pyname.ParseFilename(project, string(art.Filename))
	if err != nil {
		return failed("the file's name cannot be read", err), false
	}
	named, err := pyname.ParseFilename(project, string(name))
	if err != nil || !pyname.SameFile(file, named) {
		return differs("the statement names another file", art.Filename, name), false
	}
	return outcome{}, true
}
