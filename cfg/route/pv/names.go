package pv

// fewNames is up to how many names are compared one by one, which is faster than
// a map for as few as scripts have.
const fewNames = 16

// names keeps values under their names.
type names[T any] struct {
	list  []named[T]
	index map[string]int // place in the list, once there are more than a few
}

type named[T any] struct {
	name  string
	value T
}

// find is the value of a name, nil if there is none. It is good until the next at.
func (n *names[T]) find(name string) *T {
	if n.index != nil {
		if i, ok := n.index[name]; ok {
			return &n.list[i].value
		}
		return nil
	}
	for i := range n.list {
		if n.list[i].name == name {
			return &n.list[i].value
		}
	}
	return nil
}

// at is the value of a name, the zero value if it is new.
func (n *names[T]) at(name string) *T {
	if v := n.find(name); v != nil {
		return v
	}
	n.list = append(n.list, named[T]{name: name})
	last := len(n.list) - 1
	switch {
	case n.index != nil:
		n.index[name] = last
	case last == fewNames:
		n.index = make(map[string]int, 2*fewNames)
		for i := range n.list {
			n.index[n.list[i].name] = i
		}
	}
	return &n.list[last].value
}

// reset forgets all, and keeps the memory.
func (n *names[T]) reset() {
	clear(n.list)
	n.list, n.index = n.list[:0], nil
}
