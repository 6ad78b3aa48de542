package registry

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// A connection that died while the machine slept is noticed: what is asked over it is
// asked again over another, and no host is given up for it.
func TestADeadConnection(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{true, false} {
		t.Run("HTTP/2 "+strconv.FormatBool(http2), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{}") }))
			server.EnableHTTP2 = http2
			server.StartTLS()
			t.Cleanup(server.Close)
			var frozen atomic.Pointer[chan struct{}] // closed when the connections that there are die
			awake := make(chan struct{})
			frozen.Store(&awake)
			address := forward(t, server.Listener.Addr().String(), func() <-chan struct{} { return *frozen.Load() })
			// as long as a machine that is busy needs for an answer
			transport := NewTransport(TransportOptions{RootCAs: Authorities(server.Certificate()), Headers: 2 * time.Second})
			c := New(Options{Sleep: noWait, Transport: transport})
			for range 3 {
				for i, err := range getAll(t, c, address, 4) {
					if err != nil {
						t.Errorf("%d: %v", i, err)
					}
				}
				now := make(chan struct{})
				close(*frozen.Swap(&now))
			}
		})
	}
}

// forward is a way to a server on which connections die in silence when the channel is
// closed that was there when they began.
func forward(t *testing.T, to string, dies func() <-chan struct{}) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			t.Cleanup(func() { near.Close(); far.Close() })
			dead := dies()
			for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
				go func() {
					some := make([]byte, 32<<10)
					for {
						n, err := pair[0].Read(some)
						select {
						case <-dead:
							return // neither read nor closed any more
						default:
						}
						if err != nil {
							pair[1].Close()
							return
						}
						_, _ = pair[1].Write(some[:n])
					}
				}()
			}
		}
	}()
	return listener.Addr().String()
}
