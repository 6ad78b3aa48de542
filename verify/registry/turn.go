package registry

import (
	"context"
	"sync"
	"sync/atomic"
)

// turn is a package's right to large answers. Of each host one package has it
// at a time, from the first large answer on until what was made of the answers
// is judged: what is decoded of them is as large again, several times.
type turn struct {
	taking chan struct{} // one place: the request that waits for a host

	kept atomic.Bool // an answer came from a cache

	mu    sync.Mutex
	hosts map[*host]chan struct{} // closed when the package has its turn there
}

type turnKey struct{}

// WithTurn returns a context for the requests of one package, and the function
// that ends the package's turn, which is called once, when nothing of the
// answers is needed any more. Without one, a turn ends with the answer.
func WithTurn(ctx context.Context) (context.Context, func()) {
	t := &turn{taking: make(chan struct{}, 1), hosts: map[*host]chan struct{}{}}
	return context.WithValue(ctx, turnKey{}, t), t.end
}

// Kept reports whether a cache gave one of the answers of the package's turn.
func Kept(ctx context.Context) bool {
	t := turnOf(ctx)
	return t != nil && t.kept.Load()
}

type anewKey struct{}

// AskAnew returns a context in which the registries' own answers count, and nothing that
// a cache has. A client that records has recorded what there was, and goes on with it.
func AskAnew(ctx context.Context) context.Context { return context.WithValue(ctx, anewKey{}, true) }

func turnOf(ctx context.Context) *turn {
	t, _ := ctx.Value(turnKey{}).(*turn)
	return t
}

// at returns a channel that is closed when the package has its turn at a host.
func (t *turn) at(h *host) chan struct{} {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hosts[h] == nil {
		t.hosts[h] = make(chan struct{})
	}
	return t.hosts[h]
}

// has reports whether it is the package's turn at a host.
func (t *turn) has(h *host) bool {
	select {
	case <-t.at(h):
		return true
	default:
		return false
	}
}

// take waits for the package's turn at a host.
func (t *turn) take(ctx context.Context, h *host) error {
	select {
	case t.taking <- struct{}{}:
		defer func() { <-t.taking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if t.has(h) {
		return nil
	}
	select {
	case h.large <- struct{}{}:
		close(t.at(h))
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// end gives back what was taken.
func (t *turn) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for h, taken := range t.hosts {
		select {
		case <-taken:
			<-h.large
		default:
		}
	}
	clear(t.hosts)
}
