package ui

// memo keeps what was made for a key, so that not every frame makes it anew.
type memo[K comparable, V any] struct {
	made  bool
	key   K
	value V
}

func (m *memo[K, V]) get(key K, create func() V) V {
	if !m.made || m.key != key {
		m.made, m.key, m.value = true, key, create()
	}
	return m.value
}
