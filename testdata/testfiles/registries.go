package testfiles

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// RealRegistries serves on loopback what was recorded of the real registries,
// npm's below /npm/ and the index at /simple/, and returns the address. It
// skips the test if the recording is not there.
func RealRegistries(t testing.TB) string {
	t.Helper()
	dir := Shared(t, "realworld", "registry")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := os.ReadFile(recordedFile(dir, r.URL.Path))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(bytes.ReplaceAll(body, []byte("{{BASE}}"), []byte("http://"+r.Host)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// recordedFile returns the file that holds the answer to a request.
func recordedFile(dir, path string) string {
	file := filepath.Join(dir, filepath.FromSlash(filepath.Clean("/"+path)))
	rest, isNPM := strings.CutPrefix(path, "/npm/")
	switch {
	case isNPM && !strings.HasPrefix(rest, "-/") && strings.Contains(rest, "/"):
		return file + ".json"
	case isNPM && !strings.HasPrefix(rest, "-/"):
		return filepath.Join(file, "packument.json")
	case strings.HasPrefix(path, "/simple/"):
		return filepath.Join(file, "index.json")
	}
	return file
}
