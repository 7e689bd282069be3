package expand

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// spanOf is the span of a part of a text.
func spanOf(t testing.TB, file, text, part string) diag.Span {
	t.Helper()
	i := strings.Index(text, part)
	if i < 0 {
		t.Fatalf("%q is not in %q", part, text)
	}
	return diag.Span{Start: positionOf(file, text, i), End: positionOf(file, text, i+len(part))}
}

func textAt(text string, span diag.Span) string { return text[span.Start.Offset:span.End.Offset] }

func TestDefine(t *testing.T) {
	values := map[string]string{"IP": "192.0.2.1", "empty": "", "tls.dir": "/etc/tls"}
	for template, want := range map[string]string{
		"a ${IP} b":                "a 192.0.2.1 b",
		"@IP@${IP}{{IP}}{{ IP  }}": "192.0.2.1192.0.2.1192.0.2.1192.0.2.1",
		"${empty}x@tls.dir@":       "x/etc/tls",
		"${OTHER} $(IP) {{ip}}":    "${OTHER} $(IP) {{ip}}",
		"${IP":                     "${IP",
		"sip:a@IP@b":               "sip:a192.0.2.1b",
		"{{ IP | upper }}":         "{{ IP | upper }}",
	} {
		have, mapping := Define(template, values)
		if have != want || (mapping == nil) != (template == want) {
			t.Errorf("%q becomes %q, %v, want %q", template, have, mapping, want)
		}
	}
}

func TestDefineSpans(t *testing.T) {
	const template = "first\n\tlisten=tls:${IP}:@PORT@ as x\nlast ${IP}${EMPTY}\n"
	made, mapping := Define(template, map[string]string{"IP": "192.0.2.1", "PORT": "5061", "EMPTY": ""})
	for part, want := range map[string]string{
		"first":               "first",
		"tls:":                "tls:",
		"192.0.2.1":           "${IP}",
		"2.0":                 "${IP}",
		"tls:192.0.2.1:5061":  "tls:${IP}:@PORT@",
		":5061":               ":@PORT@",
		"5061":                "@PORT@",
		"06":                  "@PORT@",
		" as x":               " as x",
		"last 192":            "last ${IP}",
		"listen=tls:192":      "listen=tls:${IP}",
		"1:5061 as x\nlast 1": "${IP}:@PORT@ as x\nlast ${IP}",
	} {
		span, exact := mapping.Span(spanOf(t, "a.cfg", made, part))
		if have := textAt(template, span); have != want || !exact {
			t.Errorf("%q is at %q, want %q", part, have, want)
		}
		if diff := cmp.Diff(positionOf("a.cfg", template, span.Start.Offset), span.Start); diff != "" {
			t.Errorf("%q: %s", part, diff)
		}
	}
}

// Whatever is outside of the values is found where it was, and the values at their
// placeholders.
func TestDefineProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var template strings.Builder
		values := map[string]string{}
		type part struct {
			template, made string
			at             int
		}
		var parts []part
		for i := range rapid.IntRange(1, 8).Draw(t, "parts") {
			text := rapid.StringMatching(`[a-z \n]{1,5}`).Draw(t, "text")
			parts = append(parts, part{text, text, template.Len()})
			template.WriteString(text)
			if rapid.Bool().Draw(t, "placeholder") {
				name := fmt.Sprintf("N%d", i)
				values[name] = rapid.StringMatching(`[A-Z0-9]{1,12}`).Draw(t, "value")
				parts = append(parts, part{"${" + name + "}", values[name], template.Len()})
				template.WriteString("${" + name + "}")
			}
		}
		made, mapping := Define(template.String(), values)
		at := 0
		for _, p := range parts {
			span := diag.Span{Start: positionOf("a", made, at), End: positionOf("a", made, at+len(p.made))}
			at += len(p.made)
			if mapping == nil {
				continue
			}
			original, _ := mapping.Span(span)
			if original.Start.Offset != p.at || textAt(template.String(), original) != p.template {
				t.Fatalf("%q in %q is at %+v in %q", p.made, made, original, template.String())
			}
		}
		if at != len(made) {
			t.Fatalf("%q is made of %q", made, template.String())
		}
	})
}

func TestMarkers(t *testing.T) {
	const template = "define(`X', `5061')dnl\nlisten=tls:192.0.2.1:X\n# a\ninclude(`b.m4')dnl\nroute { exit; }\n"
	const made = "#line 2 \"stdin\"\nlisten=tls:192.0.2.1:5061\n# a\n#line 1 \"b.m4\"\nloadmodule \"x.so\"\n#line 5 \"stdin\"\nroute { exit; }\n"
	mapping := Markers("a.cfg", template, made, func(name string) (string, bool) {
		return "loadmodule \"x.so\"\n", name == "b.m4"
	})
	if mapping == nil {
		t.Fatal("there are markers")
	}
	for _, tt := range []struct{ part, want string }{
		{"listen", "a.cfg:2:1-2:23 line"},
		{"5061", "a.cfg:2:1-2:23 line"},
		{"# a", "a.cfg:3:1-3:4 exact"},
		{"\"x.so\"", "b.m4:1:12-1:18 exact"},
		{"exit", "a.cfg:5:9-5:13 exact"},
		{"x.so\"\n#line 5 \"stdin\"\nroute", "b.m4:1:1-1:18 line"},
	} {
		span, exact := mapping.Span(spanOf(t, "a.cfg", made, tt.part))
		have := fmt.Sprintf("%s-%d:%d %s", span.Start, span.End.Line, span.End.Column, map[bool]string{true: "exact", false: "line"}[exact])
		if have != tt.want {
			t.Errorf("%q is at %s, want %s", tt.part, have, tt.want)
		}
	}
	if diff := cmp.Diff(map[string]string{"b.m4": "loadmodule \"x.so\"\n"}, Texts(mapping)); diff != "" {
		t.Error(diff)
	}
}

// The forms of markers that there are, and what is none.
func TestMarkerForms(t *testing.T) {
	for made, want := range map[string]int{ // the line of the template that x is from, 0 without markers
		"#line 7 \"stdin\"\nx":             7,
		"#line 7\nx":                       7,
		"# 7 \"a.cfg\"\nx":                 7,
		"# 7 \"-\" 2\nx":                   7,
		"#line 7 \"a.cfg\"\r\nx":           7,
		"#line 3\ny\n#line 7\nx":           7,
		"#line 5\ny\ny\nx":                 7,
		"# 7 ways\nx":                      0,
		"#line\nx":                         0,
		"y #line 7\nx":                     0,
		"#line 99999999999999999999999\nx": 0,
		"x":                                0,
	} {
		template := strings.Repeat("\n", 6) + "x\n"
		mapping := Markers("a.cfg", template, made, func(string) (string, bool) { return "", false })
		if want == 0 {
			if mapping != nil {
				t.Errorf("%q has markers", made)
			}
			continue
		}
		if mapping == nil {
			t.Errorf("%q has no markers", made)
			continue
		}
		i := strings.LastIndex(made, "x")
		span, exact := mapping.Span(diag.Span{Start: positionOf("a.cfg", made, i), End: positionOf("a.cfg", made, i+1)})
		if span.Start.Line != want || !exact || span.Start.File != "a.cfg" {
			t.Errorf("%q: %+v, %v, want line %d", made, span, exact, want)
		}
	}
}

// FuzzMarkers looks for places outside of the texts.
func FuzzMarkers(f *testing.F) {
	f.Add("a\nb\n", "#line 2 \"stdin\"\nb\n", 17)
	f.Add("", "# 3\nx", 4)
	f.Add("a", "#line 1 \"other\"\n\n\n", 17)
	f.Fuzz(func(t *testing.T, template, made string, at int) {
		mapping := Markers("a.cfg", template, made, func(string) (string, bool) { return "", false })
		if mapping == nil {
			return
		}
		at = max(0, min(at, len(made)))
		span, _ := mapping.Span(diag.Span{Start: positionOf("a.cfg", made, at), End: positionOf("a.cfg", made, len(made))})
		if span.Start.Offset < 0 || span.End.Offset < span.Start.Offset || span.Start.Line < 1 || span.Start.Column < 1 ||
			span.Start.File == "a.cfg" && span.End.Offset > len(template) {
			t.Fatalf("%+v", span)
		}
	})
}

func TestDetect(t *testing.T) {
	const rest = "mpath=\"/usr/lib/opensips/modules/\"\nloadmodule \"proto_tls.so\"\nloadmodule \"tls_mgm.so\"\nroute { exit; }\n"
	for _, tt := range []struct{ text, want string }{
		{"listen=tls:{{ ip }}:5061\n{% if x %}\nlisten=tls:{{ ip }}:5062\n{% endif %}\n" + rest, "1:12 a Jinja template"},
		{"listen=tls:{{ ip|default('192.0.2.1') }}:5061\n" + rest, "1:12 a Jinja template"},
		{"<% if x %>\nlisten=tls:<%= @ip %>:5061\n<% end -%>\n" + rest, "1:1 an ERB template"},
		{"listen=tls:${IP}:5061\n" + rest, "1:12 a template"},
		{"listen=tls:192.0.2.1:@PORT@\n" + rest, "1:22 a template"},
		{"listen=tls:%%IP%%:5061\n" + rest, "1:12 a template"},
		{"divert(-1)\ndefine(`IP', `192.0.2.1')\ndivert(0)dnl\nlisten=tls:IP:5061\n" + rest, "1:1 an m4 template"},
		// What is none.
		{"listen=tls:192.0.2.1:5061\n" + rest, ""},
		{"listen=tls:192.0.2.1:5061\n" + strings.Replace(rest, "exit;", "exit", 1), ""},
		{"# listen=tls:{{ ip }}:5061\n" + strings.Replace(rest, "exit;", "exit", 1), ""},
		{"log_prefix=\"${NAME}\"\n" + strings.Replace(rest, "exit;", "exit", 1), ""},
		{"listen=\nlisten=\nlisten=\nlisten=\nlisten=\nlisten=tls:${IP}:5061\n" + rest, ""},
	} {
		config, err := cfg.Parse("a.cfg", tt.text, cfg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		left, found := Detect(config.File.Sources.All(), config.Diagnostics)
		if found != (tt.want != "") {
			t.Errorf("%q: found is %v, of %v", tt.text, found, config.Diagnostics)
			continue
		}
		if !found {
			if diff := cmp.Diff(config.Diagnostics, left); diff != "" {
				t.Errorf("%q: %s", tt.text, diff)
			}
			continue
		}
		have := fmt.Sprintf("%d:%d ", left[0].Span.Start.Line, left[0].Span.Start.Column)
		if left[0].Rule != "template" || left[0].Help == "" || !strings.HasPrefix(have+left[0].Message, strings.Replace(tt.want, " a", " looks like a", 1)) {
			t.Errorf("%q: %s, want %s", tt.text, left[0], tt.want)
		}
		for _, d := range left[1:] {
			if isSyntax(d) {
				t.Errorf("%q: still told is %s", tt.text, d)
			}
		}
	}
}

// With one placeholder what is told of the other lines stays; with several it
// comes of the template more often than not.
func TestDetectLeaves(t *testing.T) {
	one := "listen=tls:${IP}:5061\nmodparam(\"sl\", \"x\", 1)\n"
	two := one + "listen=udp:${IP}:5060\n"
	for text, want := range map[string]int{one: 1, two: 0} {
		config, err := cfg.Parse("a.cfg", text, cfg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		left, _ := Detect(config.File.Sources.All(), config.Diagnostics)
		n := 0
		for _, d := range left {
			if d.Rule == "module-not-loaded" {
				n++
			}
		}
		if n != want {
			t.Errorf("%q: %v", text, left)
		}
		if want == 0 && (len(left) != 1 || !strings.Contains(left[0].Message, "left out") || len(left[0].Related) != 1) {
			t.Errorf("%q: %+v", text, left)
		}
	}
}
