package tlsctx

import (
	"crypto/sha256"
	"sync"
)

// digest tells contents apart.
type digest [sha256.Size]byte

func digestOf(content []byte) digest { return sha256.Sum256(content) }

// memo keeps what was made for a key, so that it is made once. What an earlier
// memo kept is taken over where it is asked for.
type memo[K comparable, V any] struct {
	mu      sync.Mutex
	slots   map[K]*slot[V]
	earlier map[K]*slot[V]
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

// get gives the value of a key, which is made if need be. Calls for the same
// key wait for each other, others do not.
func (m *memo[K, V]) get(key K, create func() V) V { return m.value(key, true, create) }

// renew is get that takes nothing over: create looks anew, and may ask before.
func (m *memo[K, V]) renew(key K, create func() V) V { return m.value(key, false, create) }

func (m *memo[K, V]) value(key K, takeOver bool, create func() V) V {
	m.mu.Lock()
	s := m.slots[key]
	if s == nil && takeOver {
		s = m.earlier[key]
	}
	if s == nil {
		s = new(slot[V])
	}
	m.slots[key] = s
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
