package tlsctx

import (
	"crypto/sha256"
	"sync"
)

// digest tells contents apart.
type digest [sha256.Size]byte

func digestOf(content []byte) digest { return sha256.Sum256(content) }

// memo keeps what was made for a key, so that it is made once. What an earlier
// memo kept is taken over where it is asked for, unless the key does not say all
// that it depends on.
type memo[K comparable, V any] struct {
	mu      sync.Mutex
	slots   map[K]*slot[V]
	earlier map[K]*slot[V]
	renew   bool // take nothing over
}

type slot[V any] struct {
	once  sync.Once
	value V
}

// newMemo makes a memo that takes over from an earlier one, which must not be
// asked any more; nil for none.
func newMemo[K comparable, V any](earlier *memo[K, V]) *memo[K, V] {
	m := &memo[K, V]{slots: make(map[K]*slot[V])}
	if earlier != nil {
		earlier.mu.Lock()
		defer earlier.mu.Unlock()
		m.earlier = earlier.slots
	}
	return m
}

// newRenewal makes a memo that takes nothing over from an earlier one, but has
// it at hand for comparisons.
func newRenewal[K comparable, V any](earlier *memo[K, V]) *memo[K, V] {
	m := newMemo(earlier)
	m.renew = true
	return m
}

// get gives the value of a key, which is made if need be. Calls for the same
// key wait for each other, others do not.
func (m *memo[K, V]) get(key K, create func() V) V {
	m.mu.Lock()
	s, known := m.slots[key]
	if !known {
		if s, known = m.earlier[key]; !known || m.renew {
			s = new(slot[V])
		}
		m.slots[key] = s
	}
	m.mu.Unlock()
	s.once.Do(func() { s.value = create() })
	return s.value
}

// before is what the earlier memo has.
func (m *memo[K, V]) before(key K) (value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.earlier[key]; s != nil {
		return s.value
	}
	return value
}

// forget drops what the earlier memo has and nobody asked for.
func (m *memo[K, V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.earlier = nil
}

// each calls do for all that was made.
func (m *memo[K, V]) each(do func(V)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.slots {
		do(s.value)
	}
}
