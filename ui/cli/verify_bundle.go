package cli

import (
	"cmp"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/registry"
	"plimsoll/verify/trust"
)

// bundleOptions are the flags of sigstore-conformance's client protocol.
type bundleOptions struct {
	staging     bool
	bundle      string
	identity    string
	issuer      string
	key         string
	trustedRoot string
	timeout     time.Duration
}

func verifyBundleCommand(env Env) *cobra.Command {
	var o bundleOptions
	c := &cobra.Command{
		Use:   "verify-bundle --bundle FILE (--certificate-identity ID --certificate-oidc-issuer URL | --key PEM) FILE_OR_DIGEST",
		Short: "Verify any Sigstore bundle, by the protocol of sigstore-conformance",
		Long: `verify-bundle verifies a Sigstore bundle over a file, or over a digest given as
sha256: and 64 hex digits. It exits with 0 only when the bundle verifies and was
signed by the identity, or with the key, that is named; with 1 when it does not
verify, and with 3 when it could not be checked.`,
		Example: `  # is this file what the workflow of a release signed?
  plimsoll verify-bundle --bundle package.tgz.sigstore.json \
    --certificate-identity https://github.com/acme/tool/.github/workflows/release.yml@refs/tags/v1.2.3 \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com package.tgz`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := cmp.Or(o.check(args), checkTimeout(c, o.timeout)); err != nil {
				return err
			}
			return verifyBundle(c.Context(), env, o, args[0])
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.bundle, "bundle", "", "`FILE` of the bundle")
	f.StringVar(&o.identity, "certificate-identity", "", "`ID` that the certificate names as its subject (SAN), exactly")
	f.StringVar(&o.issuer, "certificate-oidc-issuer", "", "`URL` of the certificate's OIDC issuer, exactly")
	f.StringVar(&o.key, "key", "", "`PEM` file of the public key, in place of a certificate's identity")
	f.StringVar(&o.trustedRoot, "trusted-root", "", "`FILE` of the Sigstore trusted root, in place of the one from TUF")
	f.BoolVar(&o.staging, "staging", false, "use Sigstore's staging instance, unless --trusted-root names a trust root")
	f.DurationVar(&o.timeout, "timeout", 0, "wait for the trust root for at most `DURATION` (30s)")
	return c
}

func (o bundleOptions) check(args []string) error {
	identified := o.identity != "" && o.issuer != ""
	switch {
	case len(args) != 1:
		return usagef("expected one FILE_OR_DIGEST, got %d arguments", len(args))
	case o.bundle == "":
		return usagef("--bundle FILE is needed")
	case o.key != "" && (o.identity != "" || o.issuer != ""):
		return usagef("--key and an identity cannot be used together")
	case o.key == "" && !identified:
		return usagef("--certificate-identity and --certificate-oidc-issuer are needed, or --key")
	}
	return nil
}

func verifyBundle(ctx context.Context, env Env, o bundleOptions, artifact string) error {
	data, err := untrusted.ReadFile(o.bundle, untrusted.MaxAttestations)
	if err != nil {
		return unreadable(err)
	}
	signer := verify.Signer{Identity: o.identity, Issuer: o.issuer}
	if o.key != "" {
		if signer.Key, err = readKey(o.key); err != nil {
			return unreadable(err)
		}
	}
	env.sayClock()
	anchors, err := o.trust(ctx, env)
	if err != nil {
		return unchecked(err)
	}
	given, file, err := openGiven(artifact)
	var content io.ReadSeeker // for the signatures that are over its bytes
	switch {
	case err != nil:
		return unreadable(fmt.Errorf("artifact: %w", err))
	case file != nil:
		defer file.Close()
		content = file
	case given.Digests[0].Algorithm != "sha256":
		return unreadable(fmt.Errorf("artifact: expected a file, or sha256: and 64 hex digits, found %q", untrusted.Text(artifact)))
	}
	result := verify.CheckBundle(data, *given, content, signer, anchors)
	for _, f := range result.Findings {
		if f.Rule == "attestation.unused" || f.Rule == "attestation.future" {
			env.say("%s", f.Message)
		}
	}
	switch code := report.ExitInspected(result); code {
	case report.ExitOK:
		return nil
	case report.ExitUnchecked:
		return unchecked(fmt.Errorf("the bundle could not be checked: %s", whyNot(result)))
	default:
		return &exitError{code: code, err: fmt.Errorf("the bundle does not verify: %s%s", whyNot(result), noBundle(data))}
	}
}

// noBundle says what a file is that is no bundle, or holds several; "" for one.
func noBundle(data []byte) string {
	switch file, err := evidencefile.Open(data, "the bundle"); {
	case err != nil && strings.HasPrefix(err.Error(), "this is "):
		return "; " + untrusted.Message(err)
	case len(file.Attestations) > 1:
		return fmt.Sprintf("; the file holds %d attestations: plimsoll inspect opens them", len(file.Attestations))
	}
	return ""
}

// whyNot is the reason of a report on one bundle, and that of sigstore-go. The
// report has no attestation if the key that was given cannot be used.
func whyNot(r verify.Report) string {
	for _, art := range r.Artifacts {
		for _, check := range art.Attestations[0].Checks {
			if check.ID == verify.CheckVerifier && check.Status == verify.Fail && !strings.Contains(check.Reason, r.Reason) {
				return r.Reason + "; " + untrusted.Shorten(check.Reason, untrusted.MaxMessage)
			}
		}
	}
	return r.Reason
}

func (o bundleOptions) trust(ctx context.Context, env Env) (verify.Trust, error) {
	var none options
	config, err := trustOptions(options{trustedRoot: o.trustedRoot}, nil)
	if err != nil {
		return verify.Trust{}, err
	}
	if o.staging {
		config.TUF = trust.Staging()
	}
	config.Now = env.Now
	web := &network{dir: cacheDir(env, none), base: registry.NewTransport(registry.TransportOptions{})}
	web.configure(config.TUF, none)
	limited, end := options{timeout: o.timeout}.limit(ctx, env)
	defer end()
	provider := trust.New(config)
	anchors, err := provider.For(limited, verify.PyPI, nil)
	if err != nil && limited.Err() != nil {
		err = context.Cause(limited)
	}
	sayKept(env, provider)
	return anchors, err
}

func readKey(name string) (crypto.PublicKey, error) {
	data, err := untrusted.ReadFile(name, untrusted.MaxTrustFile)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("--key: expected a PEM file")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("--key: expected a PKIX public key: %w", err)
	}
	return key, nil
}
