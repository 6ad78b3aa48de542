package registry

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// script answers each request with the next of its steps, and the last one
// for ever.
type script struct {
	steps []func(*http.Request) (*http.Response, error)
	asked atomic.Int32
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	n := int(s.asked.Add(1))
	return s.steps[min(n, len(s.steps))-1](req)
}

func answer(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

func steps(s ...func(*http.Request) (*http.Response, error)) []func(*http.Request) (*http.Response, error) {
	return s
}

func failing(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

type cutBody struct{ io.Reader }

func (c cutBody) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func cut(req *http.Request) (*http.Response, error) {
	resp, err := answer(200, `{"a":`)(req)
	resp.Body = io.NopCloser(cutBody{resp.Body})
	return resp, err
}

func TestRetry(t *testing.T) {
	t.Parallel()
	good := answer(200, "{}")
	for _, tt := range []struct {
		name  string
		steps []func(*http.Request) (*http.Response, error)
		asked int32
		waits []time.Duration // at least; 0 for the back-off's own
		want  string          // of the error, "" for success
		told  string
	}{
		{"at once", steps(good), 1, nil, "", ""},
		{"429 with seconds", steps(answer(429, "", "Retry-After", "12"), good), 2, []time.Duration{12 * time.Second}, "", "waiting 12 s: too many requests"},
		{"429 with a date", steps(answer(429, "", "Retry-After", noon.Add(30*time.Second).Format(http.TimeFormat)), good), 2,
			[]time.Duration{30 * time.Second}, "", "waiting 30 s: too many requests"},
		{"429 with a date that has passed", steps(answer(429, "", "Retry-After", noon.Add(-time.Hour).Format(http.TimeFormat)), good), 2,
			[]time.Duration{0}, "", "waiting 1 s: too many requests"},
		{"429 with nonsense", steps(answer(429, "", "Retry-After", "soon"), good), 2, []time.Duration{0}, "", ""},
		{"429 with as long as is waited", steps(answer(429, "", "Retry-After", "60"), good), 2, []time.Duration{time.Minute}, "", "waiting 60 s: too many requests"},
		{"429 with as long, for ever", steps(answer(429, "", "Retry-After", "60")), maxAttempts, []time.Duration{time.Minute, time.Minute, time.Minute},
			"429 Too Many Requests (tried 4 times)", ""},
		{"429 with a second more", steps(answer(429, "", "Retry-After", "61"), good), 1, nil, "429 Too Many Requests and asks to wait 61 s", ""},
		{"429 with an hour", steps(answer(429, "", "Retry-After", "3600"), good), 1, nil, "429 Too Many Requests and asks to wait 1 h", ""},
		{"503 twice", steps(answer(503, ""), answer(503, ""), good), 3, []time.Duration{0, 0}, "", "waiting 1 s: the server answers 503"},
		{"502 and 504", steps(answer(502, ""), answer(504, ""), good), 3, []time.Duration{0, 0}, "", ""},
		{"503 for ever", steps(answer(503, "")), maxAttempts, []time.Duration{0, 0, 0}, "503 Service Unavailable (tried 4 times)", ""},
		{"reset", steps(failing(syscall.ECONNRESET), good), 2, []time.Duration{0}, "", "waiting 1 s: the connection was cut"},
		{"cut in the body", steps(cut, good), 2, []time.Duration{0}, "", ""},
		{"cut in the body for ever", steps(cut), maxAttempts, []time.Duration{0, 0, 0}, "was cut before the whole answer had come (tried 4 times)", ""},
		{"500", steps(answer(500, ""), good), 2, []time.Duration{0}, "", "waiting 1 s: the server answers 500"},
		{"500 for ever", steps(answer(500, "")), maxAttempts, []time.Duration{0, 0, 0}, "500 Internal Server Error (tried 4 times)", ""},
		{"501 and 599", steps(answer(501, ""), answer(599, ""), good), 3, []time.Duration{0, 0}, "", "waiting 1 s: the server answers 501"},
		{"a number that no standard has", steps(answer(520, "<html>", "Content-Type", "text/html"), good), 2, []time.Duration{0}, "", "waiting 1 s: the server answers 520"},
		{"408", steps(answer(408, ""), good), 2, []time.Duration{0}, "", "waiting 1 s: the server answers 408"},
		{"420", steps(answer(420, ""), good), 2, []time.Duration{0}, "", "waiting 1 s: too many requests"},
		{"503 with seconds", steps(answer(503, "", "Retry-After", "7"), good), 2, []time.Duration{7 * time.Second}, "", "waiting 7 s: the server answers 503"},
		{"400", steps(answer(400, "")), 1, nil, "400", ""},
		{"499", steps(answer(499, "")), 1, nil, "499", ""},
		{"a name, for now", steps(failing(&net.DNSError{Err: "try again", IsTemporary: true}), good), 2, []time.Duration{0}, "",
			"waiting 1 s: the host's name could not be looked up"},
		{"a name, without a network", steps(failing(&net.DNSError{Err: "connect: network is unreachable", IsTemporary: true})), 1, nil, "cannot be reached from here", ""},
		{"a name that nobody has", steps(failing(&net.DNSError{Err: "no such host", IsNotFound: true})), 1, nil, "no such host", ""},
		{"404", steps(answer(404, "")), 1, nil, "404", ""},
		{"a hang", steps(failing(noAnswer{}), good), 2, []time.Duration{0}, "", "waiting 1 s: no answer came in time"},
		{"two hangs", steps(failing(noAnswer{}), failing(noAnswer{}), good), 2, []time.Duration{0}, "did not begin to answer in time (tried 2 times)", ""},
		{"no route", steps(failing(errors.New("no route"))), 1, nil, "no route", ""},
		{"refused", steps(failing(syscall.ECONNREFUSED)), 1, nil, "refused", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{steps: tt.steps}
			var waits []time.Duration
			var told []string
			c := New(Options{Transport: s, Now: func() time.Time { return noon }, Sleep: func(_ context.Context, d time.Duration) error {
				waits = append(waits, d)
				return nil
			}})
			req := request(parse(t, "https://registry.example/x"))
			req.Progress = func(text string) { told = append(told, text) }
			_, _, err := c.Get(t.Context(), req)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "tried") != (tt.asked > 1) {
				t.Errorf("after %d attempts it says %v", tt.asked, err)
			}
			if s.asked.Load() != tt.asked || len(waits) != len(tt.waits) || len(told) != len(waits) {
				t.Fatalf("asked %d times, waited %v, told %q", s.asked.Load(), waits, told)
			}
			for i, wait := range waits {
				if least := max(tt.waits[i], firstWait<<i/2); wait < least || wait > max(least, firstWait<<i*3/2+time.Microsecond) {
					t.Errorf("wait %d is %v", i+1, wait)
				}
			}
			if tt.told != "" && told[0] != tt.told {
				t.Errorf("told %q, want %q", told[0], tt.told)
			}
		})
	}
}

// The seconds and the date of Retry-After, and what servers send instead.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := func(after time.Duration) string { return noon.Add(after).UTC().Format(http.TimeFormat) }
	for want, headers := range map[time.Duration][][]string{
		0: {nil, {""}, {"0"}, {"-5"}, {"+5"}, {"soon"}, {"5 s"}, {"0x10"}, {"1e3"}, {"inf"}, {"1,5"}, {date(0)}, {date(-time.Hour)},
			{"Tue, 03 Mar 2099"}},
		time.Second:                  {{"1"}, {" 1 "}, {"01"}, {date(time.Second)}},
		2 * time.Second:              {{"1.5"}, {"1.0"}, {"1", "2"}, {"2", "1"}, {"2", "soon"}, {date(-time.Hour), "2"}},
		time.Hour:                    {{"3600"}, {date(time.Hour)}, {noon.Add(time.Hour).UTC().Format(time.RFC850)}, {noon.Add(time.Hour).UTC().Format(time.ANSIC)}},
		(1<<31 - 1) * time.Second:    {{"2147483647"}, {"2147483648"}, {strings.Repeat("9", 400)}},
		(1 << 31) * time.Second:      {{strings.Repeat("9", 400) + ".5"}},
		time.Duration(math.MaxInt64): {{"Fri, 31 Dec 9999 23:59:59 GMT"}},
	} {
		for _, header := range headers {
			if got := retryAfter(http.Header{"Retry-After": header}, noon); got != want {
				t.Errorf("%q: got %v, want %v", header, got, want)
			}
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", -1: "0 s", 1: "1 s", time.Second: "1 s", 2847190 * time.Microsecond: "3 s", time.Minute: "60 s", 119 * time.Second: "119 s",
		2 * time.Minute: "2 min", 121 * time.Second: "3 min", time.Hour - time.Second: "60 min", time.Hour: "1 h", time.Hour + 1: "1 h 1 min",
		2*time.Hour + 5*time.Minute: "2 h 5 min", 48 * time.Hour: "48 h", 48*time.Hour + 1: "3 days", 365 * 24 * time.Hour: "365 days",
		365*24*time.Hour + 1: "more than a year", math.MaxInt64: "more than a year",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

// A host that does not recover uses its retries up, and then costs one attempt
// a request; one that answers again gets them back.
func TestRetriesOfARun(t *testing.T) {
	t.Parallel()
	dead := answer(503, "")
	s := &script{}
	for range 22 {
		s.steps = append(s.steps, dead)
	}
	s.steps = append(s.steps, answer(200, "{}"))
	waited := 0
	c := New(Options{Transport: s, Retries: 5, Sleep: func(context.Context, time.Duration) error { waited++; return nil }})
	req := request(parse(t, "https://registry.example/x"))
	for range 17 { // 4 + 3 attempts, then one each
		if _, _, err := c.Get(t.Context(), req); err == nil {
			t.Fatal("the dead host answered")
		}
	}
	if waited != 5 || s.asked.Load() != 22 {
		t.Errorf("waited %d times, asked %d; want 5 and 22", waited, s.asked.Load())
	}
	for range 3 {
		if _, _, err := c.Get(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	s.steps = []func(*http.Request) (*http.Response, error){dead}
	if _, _, err := c.Get(t.Context(), req); err == nil || waited != 8 {
		t.Errorf("%v; waited %d times, want the three retries that three answers give back", err, waited)
	}
	// Another host has retries of its own.
	if _, _, err := c.Get(t.Context(), request(parse(t, "https://other.example/x"))); err == nil || waited != 11 {
		t.Errorf("%v; waited %d times", err, waited)
	}
}

func TestWaitingIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &script{steps: []func(*http.Request) (*http.Response, error){answer(429, "", "Retry-After", "50")}}
	c := New(Options{Transport: s}) // waits in real time
	req := request(parse(t, "https://registry.example/x"))
	req.Progress = func(string) { cancel() }
	if _, _, err := c.Get(ctx, req); err == nil || s.asked.Load() != 1 {
		t.Errorf("got %v after %d attempts", err, s.asked.Load())
	}
}

// What the server does is awaited for a time at every step, and then said.
func TestTimesAtEveryStep(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			io.WriteString(w, `{"a":`)
			w.(http.Flusher).Flush()
		}
		if r.URL.Path == "/drip" {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
			return
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	for _, tt := range []struct {
		name, path, want string
		o                Options
	}{
		{"headers", "/headers", "did not begin to answer in time", Options{Transport: NewTransport(TransportOptions{Headers: time.Millisecond})}},
		{"body", "/body", "the answer stopped half-way: nothing came for 1 s", Options{Stall: 20 * time.Millisecond}},
		{"whole answer", "/drip", "no complete answer within 1 s", Options{Timeout: 30 * time.Millisecond}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := request(parse(t, server.URL+tt.path))
			req.Limit = 1 << 40
			tt.o.Sleep = noWait
			_, _, err := New(tt.o).Get(t.Context(), req)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	var got []Exchange
	record := func(e Exchange) error { got = append(got, e); return nil }
	for _, tt := range []struct {
		name   string
		step   func(*http.Request) (*http.Response, error)
		status int
		body   string
		fails  bool
	}{
		{"an answer", answer(200, `{"a":1}`, "Content-Type", "application/json"), 200, `{"a":1}`, false},
		{"not found", answer(404, `gone`), 404, `gone`, true},
		{"an error that gives back the token", answer(401, `hunter2 is bad`), 401, ``, true},
		{"an answer that gives back the token", answer(200, `{"t":"hunter2"}`), 0, ``, true},
		{"a wait", answer(429, ``), 0, ``, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got = nil
			c := New(Options{Transport: &script{steps: []func(*http.Request) (*http.Response, error){tt.step}}, Sleep: noWait, Record: record})
			req := request(parse(t, "https://registry.example/x"))
			req.Authorization = "Bearer hunter2"
			_, _, err := c.Get(t.Context(), req)
			if (err != nil) != tt.fails {
				t.Fatal(err)
			}
			if tt.status == 0 {
				if len(got) != 0 {
					t.Errorf("recorded %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Status != tt.status || string(got[0].Body) != tt.body || got[0].URL.String() != "https://registry.example/x" {
				t.Errorf("recorded %+v", got)
			}
		})
	}
	c := New(Options{Transport: &script{steps: []func(*http.Request) (*http.Response, error){answer(200, "{}")}},
		Record: func(Exchange) error { return errors.New("disk full") }})
	if _, _, err := c.Get(t.Context(), request(parse(t, "https://registry.example/x"))); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

// A request whose attempts and waits take too long as a whole ends.
func TestWholeTime(t *testing.T) {
	t.Parallel()
	hang := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	c := New(Options{Transport: &script{steps: []func(*http.Request) (*http.Response, error){answer(503, ""), hang}}, Whole: 20 * time.Millisecond, Sleep: noWait})
	_, _, err := c.Get(t.Context(), request(parse(t, "https://registry.example/x")))
	if err == nil || !strings.Contains(err.Error(), "no complete answer within 1 s in all (tried 2 times)") {
		t.Errorf("got %v", err)
	}
}

// Evidence is as old as the transport that kept it says; a server cannot say
// so.
func TestSourceTime(t *testing.T) {
	t.Parallel()
	kept := noon.Add(-72 * time.Hour)
	for _, tt := range []struct {
		name string
		step func(*http.Request) (*http.Response, error)
		want time.Time
	}{
		{"fetched now", answer(200, "{}", "Age", "1000", "Date", "Tue, 03 Mar 2020 00:00:00 GMT"), noon},
		{"kept", func(req *http.Request) (*http.Response, error) {
			if !Immutable(req.Context()) {
				t.Error("the request does not say that its answer never changes")
			}
			SetFetched(req.Context(), kept)
			return answer(200, "{}")(req)
		}, kept},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := New(Options{Transport: &script{steps: []func(*http.Request) (*http.Response, error){tt.step}}, Now: func() time.Time { return noon }})
			req := request(parse(t, "https://registry.example/x"))
			req.Immutable = true
			if _, source, err := c.Get(t.Context(), req); err != nil || !source.Time.Equal(tt.want) {
				t.Errorf("got %v, %v; want %v", source.Time, err, tt.want)
			}
		})
	}
	if Immutable(t.Context()) {
		t.Error("a request that says nothing is immutable")
	}
	SetFetched(t.Context(), kept) // without an exchange it does nothing
}

func TestOffline(t *testing.T) {
	t.Parallel()
	c := New(Options{Transport: Offline{}})
	if _, _, err := c.Get(t.Context(), request(parse(t, "https://registry.example/x"))); !errors.Is(err, ErrOffline) {
		t.Errorf("got %v", err)
	}
}

func TestTransportTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o                TransportOptions
		connect, headers time.Duration
	}{
		{TransportOptions{}, 10 * time.Second, 20 * time.Second},
		{TransportOptions{Connect: -1, Headers: -1}, 10 * time.Second, 20 * time.Second},
		{TransportOptions{Connect: time.Second, Headers: time.Minute}, time.Second, time.Minute},
	} {
		base := NewTransport(tt.o).(network).next.(*gunzip).base.(*http.Transport)
		if base.TLSHandshakeTimeout != tt.connect || base.ResponseHeaderTimeout != tt.headers {
			t.Errorf("%+v: %v and %v", tt.o, base.TLSHandshakeTimeout, base.ResponseHeaderTimeout)
		}
		if base.IdleConnTimeout != 90*time.Second || base.MaxIdleConnsPerHost < defaultPerHost {
			t.Errorf("%d connections are kept for %v", base.MaxIdleConnsPerHost, base.IdleConnTimeout)
		}
	}
}

// A named authority is trusted beside the system's, over HTTP/2, on one
// connection.
func TestTransport(t *testing.T) {
	t.Parallel()
	var protocols, remotes []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols, remotes = append(protocols, r.Proto), append(remotes, r.RemoteAddr)
		io.WriteString(w, "{}")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	list, err := ParseCertificates(certificate)
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{Transport: NewTransport(TransportOptions{RootCAs: Authorities(list...)})})
	for range 3 {
		if _, _, err := c.Get(t.Context(), request(parse(t, server.URL+"/x"))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range protocols {
		if protocols[i] != "HTTP/2.0" || remotes[i] != remotes[0] {
			t.Errorf("request %d: %s from %s", i+1, protocols[i], remotes[i])
		}
	}
	for _, tt := range []struct{ name, data, want string }{
		{"empty", "", "found none"},
		{"no PEM", "hello", "found none"},
		{"a key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})), "found \"PRIVATE KEY\""},
		{"a broken certificate", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), "certificate 1 cannot be read"},
		{"a broken second", string(certificate) + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), "certificate 2 cannot be read"},
	} {
		if _, err := ParseCertificates([]byte(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	older := pem.EncodeToMemory(&pem.Block{Type: "X509 CERTIFICATE", Bytes: server.Certificate().Raw})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})
	if list, err := ParseCertificates(older); len(list) != 1 || err != nil {
		t.Errorf("OpenSSL's older name: %d certificates, %v", len(list), err)
	}
	if list, err := ParseCertificates(append(key, certificate...)); len(list) != 1 || err == nil {
		t.Errorf("a key before a certificate: %d certificates, %v", len(list), err)
	}
}
