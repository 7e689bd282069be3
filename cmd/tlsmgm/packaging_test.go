package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// instruction is a line of a Containerfile.
type instruction struct {
	name, args string
}

func readContainerfile(t *testing.T) (list []instruction) {
	t.Helper()
	text := strings.ReplaceAll(readFile(t, inRepository(t, "docs/deploy/Containerfile")), "\\\n", " ")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, args, _ := strings.Cut(line, " ")
		list = append(list, instruction{name, args})
	}
	return list
}

// TestContainerfile holds the Containerfile against the tree: what it copies is
// there, what it makes can be made, and what it starts is what it made.
func TestContainerfile(t *testing.T) {
	var workdir, program, entry string
	var stages, made []string
	for _, i := range readContainerfile(t) {
		words := strings.Fields(i.args)
		switch i.name {
		case "FROM":
			stages = append(stages, words[0])
		case "WORKDIR":
			workdir = words[0]
		case "COPY":
			if words[0] == "--from=build" {
				source, target := words[1], words[2]
				if slices.Contains(made, source) {
					program = target
				} else if !strings.HasPrefix(source, "/etc/ssl/certs/") {
					t.Errorf("nothing makes %s", source)
				}
				continue
			}
			for _, source := range words[:len(words)-1] {
				if _, err := os.Stat(inRepository(t, source)); err != nil {
					t.Errorf("COPY: %v", err)
				}
			}
		case "RUN":
			switch words[0] {
			case "go":
			case "make":
				made = append(made, path.Join(workdir, outputOf(t, dryMake(t, words[1:]...)), "tlsmgm"))
			default:
				t.Errorf("the test does not know of %q", i.args)
			}
		case "ENTRYPOINT":
			entry = i.args
		case "CMD":
			var args []string
			if err := json.Unmarshal([]byte(i.args), &args); err != nil {
				t.Fatalf("CMD %s: %v", i.args, err)
			}
			if code := run(args, strings.NewReader(""), t.Output(), t.Output()); code != exitOK {
				t.Errorf("CMD %s: exit code %d", i.args, code)
			}
		}
	}
	if want := strconv.Quote(program); program == "" || entry != "["+want+"]" {
		t.Errorf("starts %s, and has %q", entry, program)
	}
	// A static program and nothing else; what builds it knows the language.
	if len(stages) != 2 || stages[1] != "scratch" || !strings.HasPrefix(stages[0], "golang:"+goLanguage(t)+"-") {
		t.Errorf("made of %q, with Go %s in go.mod", stages, goLanguage(t))
	}
}

// goLanguage is the version of Go in go.mod, such as 1.26.
func goLanguage(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(readFile(t, inRepository(t, "go.mod")))
	if m == nil {
		t.Fatal("go.mod names no version")
	}
	return m[1]
}

// GitLab's job builds with an image as the Containerfile does.
func TestGitLabImage(t *testing.T) {
	if image := readGitLab(t).Image; !strings.HasPrefix(image, "golang:"+goLanguage(t)+"-") {
		t.Errorf("the job runs in %q, and go.mod has %s", image, goLanguage(t))
	}
}

// dryMake tells what make would do.
func dryMake(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("make", append([]string{"-C", inRepository(t, ""), "--no-print-directory", "--dry-run"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("make %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// outputOf is the folder that go build writes to.
func outputOf(t *testing.T, commands string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)go build .*-o (\S+/) \./cmd/tlsmgm$`).FindStringSubmatch(commands)
	if m == nil {
		t.Fatalf("builds nothing:\n%s", commands)
	}
	return m[1]
}

func TestMakeStatic(t *testing.T) {
	commands := dryMake(t, "static", "VERSION=v1.2.3")
	expectTexts(t, commands, []string{"CGO_ENABLED=1", "-X main.version=v1.2.3", "-extldflags -static", "netgo"})
}

// TestMakeDist makes sure that a release has both archives, each with its compiler,
// and that what is in them does not depend on the day.
func TestMakeDist(t *testing.T) {
	commands := dryMake(t, "dist", "VERSION=v0", "CC_arm64=my-gcc", "SOURCE_DATE_EPOCH=1700000000")
	for arch, compiler := range map[string]string{"amd64": "x86_64-linux-gnu-gcc", "arm64": "my-gcc"} {
		expectTexts(t, commands, []string{
			"CGO_ENABLED=1 GOOS=linux GOARCH=" + arch + " CC=" + compiler + " go build -trimpath ",
			"-o dist/" + arch + "/tlsmgm ./cmd/tlsmgm",
			"man >dist/" + arch + "/tlsmgm.1",
			"--mtime=@1700000000 ", "-czf dist/tlsmgm_v0_linux_" + arch + ".tar.gz",
		})
	}
	expectTexts(t, commands, []string{"sha256sum tlsmgm_v0_linux_*.tar.gz >SHA256SUMS", "SOURCE_DATE_EPOCH=1700000000 go run -ldflags '-X main.version=v0' ./cmd/tlsmgm man"})
	for _, m := range regexp.MustCompile(`(?m)^cp (.*) \S+$`).FindAllStringSubmatch(commands, -1) {
		for file := range strings.FieldsSeq(m[1]) {
			if _, err := os.Stat(inRepository(t, file)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, shell := range regexp.MustCompile(`for shell in ([a-z ]+);`).FindAllStringSubmatch(commands, -1) {
		for name := range strings.FieldsSeq(shell[1]) {
			if err := parses([]string{"completion", name}); err != nil {
				t.Error(err)
			}
		}
	}
}

const unitFile = "docs/deploy/tlsmgm.service"

// readUnit gives the settings of a unit, under SECTION.NAME. None of ours is set
// twice.
func readUnit(t *testing.T) map[string]string {
	t.Helper()
	settings, section := map[string]string{}, ""
	for line := range strings.Lines(readFile(t, inRepository(t, unitFile))) {
		line = strings.TrimSpace(line)
		name, value, isSetting := strings.Cut(line, "=")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		case !isSetting || section == "":
			t.Errorf("no setting: %s", line)
		default:
			if _, twice := settings[section+"."+name]; twice {
				t.Errorf("%s is set twice", name)
			}
			settings[section+"."+name] = value
		}
	}
	return settings
}

// TestUnit holds the systemd unit against the command line.
func TestUnit(t *testing.T) {
	unit := readUnit(t)
	words := strings.Fields(unit["Service.ExecStart"])
	if len(words) < 2 || words[0] != "/usr/bin/tlsmgm" {
		t.Fatalf("starts %q", words)
	}
	var grammar commandLine
	app, err := newParser(&grammar, t.Output(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	command, err := app.Parse(words[1:])
	if err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	if command.Command() != "serve" {
		t.Errorf("starts %s", command.Command())
	}
	// The socket is in the directory that systemd makes.
	if socket, ok := strings.CutPrefix(grammar.Serve.Listen, "unix:"); !ok || path.Dir(socket) != "/run/"+unit["Service.RuntimeDirectory"] {
		t.Errorf("listens on %s, and has %s", grammar.Serve.Listen, unit["Service.RuntimeDirectory"])
	}
	// What a second try cannot mend; a file or an address may come later.
	if codes := strings.Fields(unit["Service.RestartPreventExitStatus"]); !slices.Equal(codes, []string{strconv.Itoa(exitFindings), strconv.Itoa(exitUsage)}) {
		t.Errorf("is not started again after %q", codes)
	}
	if reload := unit["Service.ExecReload"]; !strings.Contains(reload, "-HUP $MAINPID") {
		t.Errorf("reloads with %q", reload)
	}
	if unit["Install.WantedBy"] == "" {
		t.Error("cannot be enabled")
	}
}

// TestUnitVerified has systemd read the unit, with the test binary as the program
// that it starts.
func TestUnitVerified(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed")
	}
	text := strings.ReplaceAll(readFile(t, inRepository(t, unitFile)), "/usr/bin/tlsmgm", program(t))
	file := filepath.Join(t.TempDir(), filepath.Base(unitFile))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, filepath.Base(unitFile)) { // others are the machine's
			t.Error(line)
		}
	}
}
