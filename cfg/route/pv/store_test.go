package pv

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestVar(t *testing.T) {
	s := &Scope{}
	for _, step := range []struct{ value, want Value }{
		{text("2"), text("2")},
		{num(2), num(2)},
		{nul, nul},
		{num(1 << 31), num(-1 << 31)},
		{num(-1<<31 - 1), num(1<<31 - 1)},
		{BothValue("5", 5), BothValue("5", 5)},
	} {
		if err := set(t, s, "$var(a)", step.value); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, "$var(a)"); got != step.want {
			t.Errorf("set to %#v: got %#v, want %#v", step.value, got, step.want)
		}
	}
	if err := set(t, s, "$var(a)", text(strings.Repeat("x", MaxText+1))); err == nil || !strings.Contains(err.Error(), "$var(a)") {
		t.Errorf("a text that is too long: %v", err)
	}
	if got := read(t, s, "$var(b)"); got != num(0) {
		t.Errorf("$var(b): got %#v", got)
	}
	if names := s.VarNames(); !slices.Equal(names, []string{"a"}) {
		t.Errorf("names: %q", names)
	}
	s.Reset()
	if got := s.Var("a"); got != num(0) {
		t.Errorf("after Reset: got %#v", got)
	}
}

func TestAVP(t *testing.T) {
	s := &Scope{Params: []Value{text("dyn"), num(1)}}
	for _, step := range []struct {
		set     string
		value   Value
		replace bool // with :=
		fails   bool
		read    string
		want    Value
	}{
		{set: "$avp(17)", value: text("one"), read: "$avp(17)", want: text("one")},
		{set: "$avp(i:17)", value: text("two"), read: "$avp(17)", want: text("two")},
		{set: "$avp(17)", value: num(3), read: "$(avp(s:17)[2])", want: text("one")},
		{set: "$(avp(17)[append])", value: text("zero"), read: "$(avp(17)[*])", want: text("3, two, one, zero")},
		{set: "$(avp(17)[1])", value: text("TWO"), read: "$(avp(17)[1])", want: text("TWO")},
		{set: "$(avp(17)[$param(2)])", value: nul, read: "$(avp(17)[*])", want: text("3, one, zero")},
		{set: "$avp(17)", value: nul, read: "$(avp(17)[-1])", want: text("zero")},
		{set: "$(avp(17)[5])", value: text("x"), fails: true, read: "$(avp(17)[0])", want: text("one")},
		{set: "$(avp(17)[-1])", value: text("x"), fails: true, read: "$(avp(17)[-2])", want: text("one")},
		{set: "$(avp(17)[5])", value: nul, read: "$(avp(17)[-3])", want: nul},
		{set: "$avp(17)", value: num(1 << 32), replace: true, read: "$(avp(17)[*])", want: text("0")},
		{set: "$avp(17)", value: text("a"), read: "$(avp(17)[append])", want: nul},
		{set: "$(avp(17)[*])", value: text("only"), read: "$(avp(17)[*])", want: text("only")},
		{set: "$avp(17)", value: nul, replace: true, read: "$avp(17)", want: nul},
		{set: "$avp(17)", value: nul, read: "$(avp(17)[*])", want: nul},
		{set: "$avp($param(1))", value: text("d"), read: "$avp(dyn)", want: text("d")},
		{set: "$(avp(dyn)[*])", value: nul, read: "$avp($param(1))", want: nul},
		{set: "$avp($param(9))", value: text("d"), fails: true, read: "$avp($param(9))", want: nul},
		{set: "$avp(dyn)", value: text(strings.Repeat("x", MaxText+1)), fails: true, read: "$avp(dyn)", want: nul},
	} {
		v := compiled(t, step.set)
		write := v.Set
		if step.replace {
			write = v.Replace
		}
		if err := write(s, step.value); (err != nil) != step.fails {
			t.Errorf("%s = %.20s: %v", step.set, step.value, err)
		}
		if got := read(t, s, step.read); got != step.want {
			t.Errorf("after %s = %.20s: %s is %#v, want %#v", step.set, step.value, step.read, got, step.want)
		}
	}
	if names := s.AVPNames(); len(names) != 0 {
		t.Errorf("names: %q", names)
	}
	if compiled(t, "$ru").Replace != nil {
		t.Error("$ru has a := of its own")
	}
}

// TestAVPEnds: a loop in a script does not fill the memory.
func TestAVPEnds(t *testing.T) {
	s := &Scope{}
	v := compiled(t, "$avp(x)")
	for range maxAVPValues {
		if err := v.Set(s, text(strings.Repeat("y", 10))); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Set(s, text("z")); err == nil {
		t.Error("there is no end of values")
	}
	if got := read(t, s, "$(avp(x)[*])"); !got.IsNull() {
		t.Errorf("[*] of %d bytes", len(got.Text))
	}
}

func TestReset(t *testing.T) {
	s := testScope(t)
	for i := range maxKept + 2 {
		if err := set(t, s, "$avp(n"+string(rune('0'+i%10))+strings.Repeat("x", i)+")", num(1)); err != nil {
			t.Fatal(err)
		}
	}
	read(t, s, "$ru")
	s.Reset()
	if s.Message != nil || len(s.AVPNames()) != 0 || !read(t, s, "$ru").IsNull() || s.RouteType != "" || s.Params != nil {
		t.Errorf("something is left: %+v", s)
	}
}

// TestManyNames: the names are found when they are few and when they are many.
func TestManyNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var n names[int]
		model := map[string]int{}
		for i, name := range rapid.SliceOfN(rapid.StringMatching("[a-d]{1,3}"), 0, 60).Draw(t, "names") {
			*n.at(name) = i
			model[name] = i
		}
		for name, want := range model {
			if got := n.find(name); got == nil || *got != want {
				t.Fatalf("%s: got %v, want %d", name, got, want)
			}
		}
		if len(n.list) != len(model) || n.find("none") != nil {
			t.Fatalf("%d names, want %d", len(n.list), len(model))
		}
		n.reset()
		for name := range model {
			if n.find(name) != nil {
				t.Fatalf("%s is still there", name)
			}
		}
	})
}

// TestStack compares $avp with a slice.
func TestStack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Scope{}
		a := avp{name: "x"}
		var model []Value // the newest first
		check := func() {
			if diff := cmp.Diff(model, s.AVP("x"), cmp.Transformer("nil", func(v []Value) []Value { return append([]Value{}, v...) })); diff != "" {
				t.Fatal(diff)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				v := num(int64(rapid.Int32().Draw(t, "n")))
				model = append([]Value{v}, model...)
				if err := a.set(s, v); err != nil {
					t.Fatal(err)
				}
			},
			"append": func(t *rapid.T) {
				v := text(rapid.String().Draw(t, "s"))
				model = append(model, v)
				at := a
				at.index.kind = appendIndex
				if err := at.set(s, v); err != nil {
					t.Fatal(err)
				}
			},
			"write": func(t *rapid.T) {
				i := rapid.IntRange(0, 5).Draw(t, "i")
				v := rapid.SampledFrom([]Value{nul, num(1), text("w")}).Draw(t, "v")
				at := a
				at.index = index{kind: numberIndex, n: int64(i)}
				err := at.set(s, v)
				switch {
				case i >= len(model):
					if (err == nil) != v.IsNull() {
						t.Fatal(err)
					}
				case v.IsNull():
					model = slices.Delete(model, i, i+1)
				default:
					model[i] = v
				}
			},
			"pop": func(t *rapid.T) {
				if len(model) > 0 {
					model = model[1:]
				}
				if err := a.set(s, nul); err != nil {
					t.Fatal(err)
				}
			},
			"": func(*rapid.T) { check() },
		})
	})
}
