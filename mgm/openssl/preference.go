package openssl

import "slices"

// operation is what a term does with the suites it selects.
type operation byte

const (
	add    operation = 0   // put those not yet in the list at its end
	remove operation = '-' // take them out; they may be added again
	last   operation = '+' // move those in the list to its end
	ban    operation = '!' // take them out for good
)

// preference is a list of suites in the making. It also keeps the order of
// those that are not in it, in which later terms add them: the table's, except
// that the most recently removed come first.
type preference struct {
	order []uint8 // indices into suites: those in the list and those that may come in
	in    [selectableSuites]bool

	orderSpace, moved [selectableSuites]uint8 // so that no term allocates
}

func (p *preference) init() {
	p.order = p.orderSpace[:]
	for i := range p.order {
		p.order[i] = uint8(i)
	}
}

// apply carries out a term.
func (p *preference) apply(op operation, wanted *selector) {
	kept, moved := p.order[:0], p.moved[:0]
	for _, i := range p.order {
		switch {
		case !wanted.matches(&suites[i]), op != ban && p.in[i] == (op == add):
			kept = append(kept, i)
		case op == ban:
			p.in[i] = false
		default:
			moved = append(moved, i)
			p.in[i] = op != remove
		}
	}
	if op == remove {
		p.order = p.order[:len(kept)+len(moved)]
		copy(p.order[len(moved):], kept)
		copy(p.order, moved)
		return
	}
	p.order = slices.Concat(kept, moved)
}

// selectDefault carries out DefaultCipherList.
func (p *preference) selectDefault() {
	p.apply(add, &selector{encryption: encAll})
	p.apply(ban, &selector{grade: notDefault})
	p.apply(ban, &selector{encryption: EncNone})
}

// sortByStrength puts the suites in the list in order of their secret bits,
// most first, leaving those of the same strength in their order.
func (p *preference) sortByStrength() {
	for _, bits := range [...]int{256, 128, 0} {
		kept, moved := p.order[:0], p.moved[:0]
		for _, i := range p.order {
			if p.in[i] && suites[i].SecretBits() == bits {
				moved = append(moved, i)
			} else {
				kept = append(kept, i)
			}
		}
		p.order = slices.Concat(kept, moved)
	}
}

// active is the list.
func (p *preference) active() []Suite {
	n := 0
	for _, i := range p.order {
		if p.in[i] {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	list := make([]Suite, 0, n)
	for _, i := range p.order {
		if p.in[i] {
			list = append(list, suites[i])
		}
	}
	return list
}
