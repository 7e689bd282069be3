package parser

import (
	"cmp"
	"slices"
)

// Walk calls visit for a node and, as long as it returns true, for the nodes
// within, in the order in which they stand in the text. Missing parts are left
// out. It does not recurse: a chain of operators may be as long as the script.
func Walk(n Node, visit func(Node) bool) {
	ahead := children{n}
	for len(ahead) > 0 {
		last := len(ahead) - 1
		n, ahead = ahead[last], ahead[:last]
		if visit(n) {
			ahead.of(n)
			slices.Reverse(ahead[last:])
		}
	}
}

// Children are the nodes right below n, in the order of the text.
func Children(n Node) []Node {
	var c children
	c.of(n)
	return c
}

type children []Node

// of adds the children of a node.
func (c *children) of(n Node) {
	switch n := n.(type) {
	case *LoadModule:
		add(c, n.Module)
	case *ModParam:
		add(c, n.Module)
		add(c, n.Name)
		c.node(n.Value)
	case *Listen:
		first := len(*c)
		add(c, n.Socket)
		add(c, n.Advertised)
		add(c, n.Children)
		add(c, n.Tag)
		add(c, n.Profile)
		slices.SortFunc((*c)[first:], func(a, b Node) int { return cmp.Compare(a.Pos(), b.Pos()) })
	case *Alias:
		addAll(c, n.Names)
	case *Blacklist:
		add(c, n.Name)
		addAll(c, n.Rules)
	case *MemGroup:
		add(c, n.Name)
		addAll(c, n.Modules)
	case *Global:
		add(c, n.Name)
		c.node(n.Value)
		add(c, n.Profile)
	case *Route:
		add(c, n.Kind)
		add(c, n.Name)
		add(c, n.Interval)
		add(c, n.Mode)
		add(c, n.Body)
	default:
		c.parts(n)
	}
}

// node adds an interface value that may be nil.
func (c *children) node(n Node) {
	if n != nil {
		*c = append(*c, n)
	}
}

func add[T any, P interface {
	*T
	Node
}](c *children, n P) {
	if n != nil {
		*c = append(*c, n)
	}
}

func addAll[T Node](c *children, nodes []T) {
	for _, n := range nodes {
		c.node(n)
	}
}

func (c *children) parts(n Node) {
	switch n := n.(type) {
	case *Socket:
		add(c, n.Proto)
		c.node(n.Host)
		add(c, n.Port)
	case *Advertised:
		c.node(n.Host)
		add(c, n.Port)
	case *AliasName:
		add(c, n.Proto)
		c.node(n.Host)
		add(c, n.Port)
	case *BlacklistRule:
		add(c, n.Proto)
		add(c, n.Network)
		add(c, n.Port)
		add(c, n.Pattern)
	case *Network:
		add(c, n.IP)
		add(c, n.Mask)
		add(c, n.Bits)
	case *Strings:
		addAll(c, n.Parts)
	case *Unary:
		c.node(n.X)
	case *Binary:
		c.node(n.X)
		c.node(n.Y)
	case *BadExpr:
		addAll(c, n.Vars)
	case *Paren:
		c.node(n.X)
	case *Arith:
		c.node(n.X)
	case *Call:
		add(c, n.Name)
		for _, arg := range n.Args {
			c.node(arg)
		}
	case *Assign:
		add(c, n.Var)
		c.node(n.Value)
	default:
		c.actions(n)
	}
}

func (c *children) actions(n Node) {
	switch n := n.(type) {
	case *Block:
		addAll(c, n.Actions)
	case *BadAction:
		addAll(c, n.Vars)
	case *If:
		c.node(n.Cond)
		c.node(n.Then)
		c.node(n.Else)
	case *While:
		c.node(n.Cond)
		c.node(n.Body)
	case *ForEach:
		add(c, n.Var)
		add(c, n.In)
		c.node(n.Body)
	case *Switch:
		add(c, n.Var)
		addAll(c, n.Cases)
	case *Case:
		c.node(n.Label)
		addAll(c, n.Body)
	}
}
