package registry

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What is no JSON is named: which character of it is wrong helps nobody.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, want string }{
		"an object":                {` {"a":1}`, ""},
		"a list":                   {"[]", ""},
		"any other JSON":           {"null", ""},
		"JSON after much space":    {strings.Repeat(" ", 600) + "{}", ""},
		"broken JSON":              {`{"a":`, ""},
		"text in other scripts":    {`{"a":"` + strings.Repeat("é日", 150) + `"}`, ""},
		"empty":                    {"", "expected JSON, found an empty answer"},
		"space":                    {" \r\n\t", "expected JSON, found an empty answer"},
		"gzip":                     {string(zipped(t, []byte("{}"))), "the answer is gzip without saying so (no Content-Encoding): its server, or a proxy before it, is set up wrongly"},
		"zstd":                     {"\x28\xb5\x2f\xfd\x04\x00", "the answer is zstd without saying so"},
		"bzip2":                    {"BZh91AY", "the answer is bzip2 without saying so"},
		"xz":                       {"\xfd7zXZ\x00\x00", "the answer is xz without saying so"},
		"deflate":                  {"x\x9c\xab\x56", "the answer is deflate without saying so"},
		"a zip file":               {"PK\x03\x04", "expected JSON, found binary data"},
		"brotli":                   {"\x5b\x0a\x00\x51", "expected JSON, found binary data"},
		"bytes":                    {"\xe9\xe9", "expected JSON, found binary data"},
		"a null character":         {"{}\x00", "expected JSON, found binary data"},
		"UTF-8 with a mark":        {"\ufeff{}", "expected JSON, found a byte order mark before it"},
		"UTF-16 with a mark":       {"\xff\xfe{\x00}\x00", "expected JSON in UTF-8, found UTF-16"},
		"UTF-16, the other order":  {"\xfe\xff\x00{\x00}", "expected JSON in UTF-8, found UTF-16"},
		"UTF-16 without a mark":    {"{\x00}\x00", "expected JSON in UTF-8, found UTF-16"},
		"text":                     {"Service Unavailable", "expected JSON, found the text: Service Unavailable"},
		"text that acts":           {"\u202eService \u009b2J", `expected JSON, found the text: \u202eService \x9b2J`},
		"text with the credential": {"your token is hunter2", "expected JSON, found the text: your token is …"},
		"a guard before JSON":      {")]}',\n{}", "expected JSON, found the text: )]}', {}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, tt.body)
			})
			req := request(base)
			req.Authorization = "Bearer hunter2"
			body, _, err := client().Get(t.Context(), req)
			if tt.want == "" && (err != nil || string(body) != tt.body) || tt.want != "" && (err == nil || body != nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %q, %v", body, err)
			}
		})
	}
}

func TestWebPage(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"html": "<!DOCTYPE html><html>", "space before": " \n\t<html>", "byte order mark": "\ufeff<html>", "xml": "<?xml version='1.0'?>",
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, body)
			})
			if _, _, err := client().Get(context.Background(), request(base)); err == nil || !strings.Contains(err.Error(), "web page") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("label", func(t *testing.T) {
		base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "Text/HTML; charset=utf-8")
			io.WriteString(w, "please log in")
		})
		if _, _, err := client().Get(context.Background(), request(base)); err == nil || !strings.Contains(err.Error(), "web page") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a wrong label on JSON", func(t *testing.T) {
		base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, " {}")
		})
		if _, _, err := client().Get(context.Background(), request(base)); err != nil {
			t.Errorf("got %v", err)
		}
	})
}
