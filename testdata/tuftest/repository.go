// Package tuftest makes TUF repositories for tests: real ones, signed with keys
// of their own and served on loopback, which can stand still, go back, change
// their keys and go down.
package tuftest

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Repository is a TUF repository. go-tuf takes the time of day from the
// machine, so what has expired must be signed with a date of the past.
type Repository struct {
	URL  string // its base
	Root []byte // version 1 of the root metadata

	t         testing.TB
	server    *httptest.Server
	expires   time.Time          // of all that is signed, unless another is given
	rootKey   ed25519.PrivateKey // root
	onlineKey ed25519.PrivateKey // timestamp, snapshot, targets
	revoked   ed25519.PrivateKey // the online key before
	root      *metadata.Metadata[metadata.RootType]
	targets   *metadata.Metadata[metadata.TargetsType]
	delegated map[string]*metadata.Metadata[metadata.TargetsType] // by role
	version   int64

	mu    sync.Mutex
	came  *sync.Cond // a request
	files map[string][]byte
	asked int
	down  bool
}

// New makes a repository with these targets, whose metadata ends at expires.
// It is served until the test ends.
func New(t testing.TB, targets map[string]string, expires time.Time) *Repository {
	t.Helper()
	r := &Repository{t: t, expires: expires.UTC().Truncate(time.Second), files: map[string][]byte{}, rootKey: newKey(t), onlineKey: newKey(t)}
	r.came = sync.NewCond(&r.mu)
	r.root = metadata.Root(r.expires)
	r.root.Signed.ConsistentSnapshot = true
	r.check(r.root.Signed.AddKey(r.key(r.rootKey), metadata.ROOT))
	for _, role := range online {
		r.check(r.root.Signed.AddKey(r.key(r.onlineKey), role))
	}
	r.Root = r.Publish("1.root.json", sign(r, r.root, r.rootKey))
	r.targets = metadata.Targets(r.expires)
	for name, content := range targets {
		r.addTarget(name, content)
	}
	r.Update(r.expires)
	r.server = httptest.NewServer(http.HandlerFunc(r.serve))
	r.URL = r.server.URL
	t.Cleanup(r.server.Close)
	return r
}

// online are the roles that the online key signs for.
var online = []string{metadata.TARGETS, metadata.SNAPSHOT, metadata.TIMESTAMP}

func newKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

func (r *Repository) serve(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	r.came.Broadcast()
	data, ok := r.files[strings.TrimPrefix(req.URL.Path, "/")]
	switch {
	case r.down:
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	case !ok:
		http.NotFound(w, req)
	default:
		w.Write(data)
	}
}

func (r *Repository) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *Repository) key(private ed25519.PrivateKey) *metadata.Key {
	key, err := metadata.KeyFromPublicKey(private.Public())
	r.check(err)
	return key
}

func sign[T metadata.Roles](r *Repository, m *metadata.Metadata[T], key ed25519.PrivateKey) []byte {
	m.ClearSignatures()
	signer, err := signature.LoadSigner(key, crypto.Hash(0))
	r.check(err)
	_, err = m.Sign(signer)
	r.check(err)
	data, err := m.ToBytes(false)
	r.check(err)
	return data
}

// Publish puts a file in its place, and returns it.
func (r *Repository) Publish(name string, data []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[name] = data
	return data
}

// File is a file as it is served.
func (r *Repository) File(name string) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files[name]
}

// Update signs a new version of everything that the online key signs, and the
// timestamp until expires.
func (r *Repository) Update(expires time.Time) {
	r.version++
	v := r.version
	r.targets.Signed.Version = v
	r.Publish(fmt.Sprintf("%d.targets.json", v), sign(r, r.targets, r.onlineKey))
	snapshot := metadata.Snapshot(r.expires)
	snapshot.Signed.Version = v
	snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(v)
	for role, targets := range r.delegated {
		targets.Signed.Version = v
		r.Publish(fmt.Sprintf("%d.%s.json", v, role), sign(r, targets, r.onlineKey))
		snapshot.Signed.Meta[role+".json"] = metadata.MetaFile(v)
	}
	r.Publish(fmt.Sprintf("%d.snapshot.json", v), sign(r, snapshot, r.onlineKey))
	timestamp := metadata.Timestamp(expires)
	timestamp.Signed.Version = v
	timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(v)
	r.Publish("timestamp.json", sign(r, timestamp, r.onlineKey))
}

// SetTarget replaces a target, or removes it where content is "".
func (r *Repository) SetTarget(name, content string) {
	delete(r.targets.Signed.Targets, name)
	if content != "" {
		r.addTarget(name, content)
	}
	r.Update(r.expires)
}

func (r *Repository) addTarget(name, content string) {
	file, err := metadata.TargetFile().FromBytes(name, []byte(content), "sha256")
	r.check(err)
	r.targets.Signed.Targets[name] = file
	dir, base := path.Split(name)
	r.Publish(fmt.Sprintf("targets/%s%x.%s", dir, []byte(file.Hashes["sha256"]), base), []byte(content))
}

// Delegate has a role of its own sign for a target and what is beside it, until
// expires.
func (r *Repository) Delegate(role, target string, expires time.Time) {
	key := r.key(r.onlineKey)
	id, err := key.ID()
	r.check(err)
	file := r.targets.Signed.Targets[target]
	delete(r.targets.Signed.Targets, target)
	dir, _ := path.Split(target)
	r.targets.Signed.Delegations = &metadata.Delegations{
		Keys:  map[string]*metadata.Key{id: key},
		Roles: []metadata.DelegatedRole{{Name: role, KeyIDs: []string{id}, Threshold: 1, Terminating: true, Paths: []string{dir + "*"}}},
	}
	targets := metadata.Targets(expires)
	targets.Signed.Targets[target] = file
	r.delegated = map[string]*metadata.Metadata[metadata.TargetsType]{role: targets}
	r.Update(r.expires)
}

// Save returns all that is served, for [Repository.Restore].
func (r *Repository) Save() map[string][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.files)
}

// Restore serves what was served before, and nothing else: an old copy.
func (r *Repository) Restore(files map[string][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files = maps.Clone(files)
}

// SetExpires signs everything anew, until another time.
func (r *Repository) SetExpires(expires time.Time) {
	r.expires = expires.UTC().Truncate(time.Second)
	r.targets.Signed.Expires, r.root.Signed.Expires = r.expires, r.expires
	r.signRoot()
	r.Update(r.expires)
}

// signRoot publishes a new version of the root.
func (r *Repository) signRoot() {
	r.root.Signed.Version++
	r.Publish(fmt.Sprintf("%d.root.json", r.root.Signed.Version), sign(r, r.root, r.rootKey))
}

// Rotate gives the online roles a new key, in a new version of the root.
func (r *Repository) Rotate() {
	old, err := r.key(r.onlineKey).ID()
	r.check(err)
	r.revoked, r.onlineKey = r.onlineKey, newKey(r.t)
	for _, role := range online {
		r.check(r.root.Signed.RevokeKey(old, role))
		r.check(r.root.Signed.AddKey(r.key(r.onlineKey), role))
	}
	r.signRoot()
	r.Update(r.expires)
}

// Flatten serves everything under names without versions and hashes: a repository
// whose snapshots are not consistent.
func (r *Repository) Flatten() {
	r.root.Signed.ConsistentSnapshot = false
	r.signRoot()
	r.Update(r.expires)
	for name, data := range r.Save() {
		dir, base := path.Split(name)
		if _, flat, _ := strings.Cut(base, "."); strings.HasPrefix(dir, "targets/") || flat == "snapshot.json" || flat == "targets.json" {
			if strings.HasPrefix(dir, "targets/") || strings.HasPrefix(base, fmt.Sprint(r.version, ".")) {
				r.Publish(dir+flat, data)
			}
		}
	}
}

// BeginAnew gives the online roles a new key and counts their versions from 1.
func (r *Repository) BeginAnew() {
	r.version = 0
	r.Rotate()
}

// Steal signs everything anew with the key that the last Rotate revoked, and
// hides the root that says so.
func (r *Repository) Steal() {
	r.mu.Lock()
	delete(r.files, fmt.Sprintf("%d.root.json", r.root.Signed.Version))
	r.mu.Unlock()
	r.onlineKey = r.revoked
	r.Update(r.expires)
}

// Forge signs everything anew with a key that the root does not name.
func (r *Repository) Forge() {
	r.onlineKey = newKey(r.t)
	r.Update(r.expires)
}

// SetDown makes the repository answer 503, for longer than anybody waits, or
// answer again.
func (r *Repository) SetDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// Close ends the server: connections to it are refused.
func (r *Repository) Close() { r.server.Close() }

// Requests is how often it was asked.
func (r *Repository) Requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// Await waits until there were so many requests in all, and reports whether there
// were before ctx was done.
func (r *Repository) Await(ctx context.Context, requests int) bool {
	defer context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.came.Broadcast()
	})()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.asked < requests && ctx.Err() == nil {
		r.came.Wait()
	}
	return r.asked >= requests
}
