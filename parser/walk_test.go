package parser

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func typeName(n Node) string { return reflect.TypeOf(n).Elem().Name() }

func TestWalk(t *testing.T) {
	f := parseText(t, dialect23(t), "route { if (!$a && f(\"x\",,5)) { $b = 1; } else exit; }\n")
	var all, outer []string
	Walk(f.Statements[0], func(n Node) bool {
		all = append(all, typeName(n))
		return true
	})
	want := "Route Ident Block If Paren Binary Unary Var Call Ident String Number Block Assign Var Number Call Ident"
	if diff := cmp.Diff(want, strings.Join(all, " ")); diff != "" {
		t.Errorf("nodes (-want +have):\n%s", diff)
	}
	Walk(f.Statements[0], func(n Node) bool {
		outer = append(outer, typeName(n))
		_, isIf := n.(*If)
		return !isIf
	})
	if diff := cmp.Diff("Route Ident Block If", strings.Join(outer, " ")); diff != "" {
		t.Errorf("nodes outside of the if (-want +have):\n%s", diff)
	}
}

// Every field that is a node is a child, whatever the type.
func TestChildrenAreComplete(t *testing.T) {
	seen := map[reflect.Type]bool{}
	for _, name := range append(scripts(t, "ok"), scripts(t, "err")...) {
		for _, s := range parseGolden(t, name).Statements {
			Walk(s, func(n Node) bool {
				seen[reflect.TypeOf(n)] = true
				if want, have := nodesIn(n), Children(n); want != len(have) {
					t.Errorf("%T has %d children, its fields hold %d", n, len(have), want)
				}
				return true
			})
		}
	}
	for _, n := range []Node{&LoadModule{}, &Listen{}, &Blacklist{}, &MemGroup{}, &Switch{}, &ForEach{}, &Strings{}, &Network{}, &BadAction{}} {
		if !seen[reflect.TypeOf(n)] {
			t.Errorf("no script has a %T", n)
		}
	}
}

// nodesIn counts the nodes in the fields of a node.
func nodesIn(n Node) int {
	count := 0
	v := reflect.ValueOf(n).Elem()
	for _, field := range v.Fields() {
		switch field.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !field.IsNil() {
				count++
			}
		case reflect.Slice:
			for j := range field.Len() {
				if !field.Index(j).IsNil() {
					count++
				}
			}
		}
	}
	return count
}

func ExampleWalk() {
	dialect, err := NewDialect(Language{
		Version:    "2.3",
		Globals:    map[string][]string{"log_level": {"signed"}},
		Statements: map[string][]string{"exit": {"-", "()"}},
		Routes:     []string{"route"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := Parse("example.cfg", "route {\n\tt_relay()\n\texit;\n}\n", Options{Dialect: dialect})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, finding := range file.Findings {
		fmt.Println(finding)
	}
	for _, s := range file.Statements {
		Walk(s, func(n Node) bool {
			if call, ok := n.(*Call); ok {
				fmt.Println(file.Sources.Position(call.Pos()), call.Name.Name)
			}
			return true
		})
	}
	// Output:
	// example.cfg:3:2: error: expected ";" after ")", found "exit" [syntax]
	// example.cfg:2:2 t_relay
	// example.cfg:3:2 exit
}
