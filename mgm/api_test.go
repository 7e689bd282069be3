package mgm_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestAPITable holds docs/api.md against the exported names of the packages.
func TestAPITable(t *testing.T) {
	doc, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string]bool{}
	for pkg, dir := range map[string]string{"mgm": ".", "tlsctx": "tlsctx", "domain": "domain"} {
		for name := range exportedNames(t, dir) {
			exported[pkg+"."+name] = true
		}
	}
	names := regexp.MustCompile("`((?:mgm|tlsctx|domain)\\.[A-Za-z.]+)`").FindAllStringSubmatch(string(doc), -1)
	if len(names) < 15 {
		t.Fatalf("only %d Go names in the table", len(names))
	}
	for _, m := range names {
		if !exported[m[1]] {
			t.Errorf("docs/api.md names %s, which does not exist", m[1])
		}
	}
}

// exportedNames are the exported functions, types and methods of a folder, the
// methods as Type.Method.
func exportedNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	notTest := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), dir, notTest, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range packages {
		for _, f := range p.Files {
			for _, decl := range f.Decls {
				addNames(names, decl)
			}
		}
	}
	return names
}

func addNames(names map[string]bool, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		names[name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if ts, ok := spec.(*ast.TypeSpec); ok {
				names[ts.Name.Name] = true
			}
		}
	}
}

func receiver(x ast.Expr) string {
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if id, ok := x.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
