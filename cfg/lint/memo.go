package lint

import "sync"

// memo keeps what was made of a text, so that thousands of domains with the same
// setting cost as one.
type memo[V any] struct{ values sync.Map }

func (m *memo[V]) get(text string, create func(string) V) V {
	if v, known := m.values.Load(text); known {
		return v.(V)
	}
	v, _ := m.values.LoadOrStore(text, create(text))
	return v.(V)
}
