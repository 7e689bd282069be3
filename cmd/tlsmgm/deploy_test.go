package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
)

// decodeYAML reads YAML into fields that must know all of it.
func decodeYAML(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Load([]byte(text), into, yaml.WithKnownFields()); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// inRepository is the path of a file of the repository, wherever the test works.
func inRepository(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, name)
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("not in the repository")
		}
	}
}

// checkout makes a repository of scripts, with certificates in image.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	certfiles.SelfSigned(t, "sip.example.org").Write(t, filepath.Join(dir, "image/tls/cert.pem"), filepath.Join(dir, "image/tls/key.pem"))
	const script = `listen=tls:192.0.2.10:5061
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "certificate", "/tls/cert.pem")
modparam("tls_mgm", "private_key", "/tls/key.pem")
modparam("tls_mgm", "ca_list", "/tls/cert.pem")
`
	for name, text := range map[string]string{
		".git/HEAD":      "ref: refs/heads/main\n",
		"opensips.cfg":   script + "route { exit; }\n",
		"conf/edge.cfg":  script + "modparam(\"tls_mgm\", \"certificate\", \"[edge]/tls/cert.pem\")\nroute { exit; }\n",
		"conf/trunk.cfg": script + "route { exit }\n",
		"weak.cfg":       script + "modparam(\"tls_mgm\", \"tls_method\", \"TLSv1\")\nroute { exit; }\n",
		"new.cfg":        readFile(t, inRepository(t, "testdata/ok/opensips-3.4.cfg")),
	} {
		certfiles.Write(t, filepath.Join(dir, name), []byte(text))
	}
	return dir
}

// program is the test binary in its role as tlsmgm.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("tlsmgm")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runIn runs a program in a directory, with nothing in its environment but what
// is given and a path to programs. It gives what it printed and its exit code.
func runIn(t *testing.T, dir string, env []string, words ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	// A race detector waits a second at each exit.
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GORACE=atexit_sleep_ms=0"}, env...)
	text, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(text), exit.ExitCode()
	}
	if err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	return string(text), 0
}

// action is what GitHub reads of action.yml.
type action struct {
	Name, Description, Author string
	Branding                  struct{ Icon, Color string }
	Inputs                    map[string]struct {
		Description string
		Default     string
		Required    bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	Name, Uses, Shell, Run string
	With, Env              map[string]string
}

func readAction(t *testing.T) (a action) {
	t.Helper()
	decodeYAML(t, readFile(t, inRepository(t, "action.yml")), &a)
	return a
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// TestActionInputs holds the inputs that action.yml declares against those it uses.
func TestActionInputs(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || a.Name == "" || a.Description == "" || len(a.Runs.Steps) == 0 {
		t.Errorf("no composite action: %+v", a)
	}
	var values []string
	for _, output := range a.Outputs {
		values = append(values, output.Value)
	}
	for _, step := range a.Runs.Steps {
		// What is put into a script is run: a value could end the word it is in.
		if expression.MatchString(step.Run) {
			t.Errorf("step %q has an expression in its script", step.Name)
		}
		if (step.Run == "") == (step.Uses == "") || (step.Run != "") != (step.Shell == "bash") {
			t.Errorf("step %q is neither a script for bash nor another action", step.Name)
		}
		if step.Uses != "" && !regexp.MustCompile(`^[\w-]+/[\w-]+@v\d+$`).MatchString(step.Uses) {
			t.Errorf("step %q uses %q, which names no version", step.Name, step.Uses)
		}
		values = slices.Concat(values, slices.Collect(maps.Values(step.With)), slices.Collect(maps.Values(step.Env)))
	}
	used := map[string]bool{}
	for _, m := range expression.FindAllStringSubmatch(strings.Join(values, "\n"), -1) {
		name, isInput := strings.CutPrefix(m[1], "inputs.")
		_, declared := a.Inputs[name]
		switch {
		case isInput && !declared:
			t.Errorf("input %q is not declared", name)
		case !isInput && m[1] != "github.action_path":
			t.Errorf("unknown expression %q", m[1])
		}
		used[name] = true
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("input %q is not used or not described", name)
		}
	}
}

// runAction runs the steps of the action as a runner would, with the inputs in
// place of the defaults. The steps that use other actions give no more than a Go,
// whose place is taken by one that "builds" the test binary.
func runAction(t *testing.T, dir string, inputs map[string]string) (out string, code int) {
	t.Helper()
	a, temp := readAction(t), t.TempDir()
	fakeGo := `#!/bin/sh
test "$*" = "build -C $GITHUB_ACTION_PATH -o $RUNNER_TEMP/tlsmgm ./cmd/tlsmgm" || { echo "go $*"; exit 9; }
cd "$GITHUB_ACTION_PATH/cmd/tlsmgm" && ln -s ` + program(t) + ` "$RUNNER_TEMP/tlsmgm"
`
	if err := os.WriteFile(filepath.Join(temp, "go"), []byte(fakeGo), 0o700); err != nil {
		t.Fatal(err)
	}
	value := func(text string) string {
		return expression.ReplaceAllStringFunc(text, func(text string) string {
			name := strings.TrimPrefix(expression.FindStringSubmatch(text)[1], "inputs.")
			if value, ok := inputs[name]; ok {
				return value
			}
			return a.Inputs[name].Default
		})
	}
	for _, step := range a.Runs.Steps {
		if step.Run == "" {
			continue
		}
		env := []string{"PATH=" + temp + ":" + os.Getenv("PATH"), "GITHUB_ACTION_PATH=" + inRepository(t, ""), "RUNNER_TEMP=" + temp}
		for name, text := range step.Env {
			env = append(env, name+"="+value(text))
		}
		file := filepath.Join(temp, "step.sh")
		if err := os.WriteFile(file, []byte(step.Run), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, code = runIn(t, dir, env, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", file); code != 0 {
			break
		}
	}
	return out, code
}

// TestAction runs the steps of action.yml over scripts of all kinds.
func TestAction(t *testing.T) {
	for _, test := range []struct {
		name   string
		inputs map[string]string
		code   int
		want   []string // of the output; "!" before what must not be there
	}{
		{"good", map[string]string{"root": "image"}, exitOK, []string{"!::error"}},
		{"defaults", nil, exitFindings, []string{"::error file=opensips.cfg,line=5,endLine=5,col=36,"}},
		{"bad", map[string]string{"files": "conf/edge.cfg"}, exitFindings, []string{"::error file=conf/edge.cfg,line=8,", `"edge" is not defined`}},
		{
			"pattern",
			map[string]string{"files": "conf/*.cfg", "root": "image"},
			exitFindings,
			[]string{"::error file=conf/edge.cfg,line=8,", "::error file=conf/trunk.cfg,line=8,", "!opensips.cfg"},
		},
		{"words", map[string]string{"files": "opensips.cfg  conf/edge.cfg", "root": "image"}, exitFindings, []string{"::error file=conf/edge.cfg,", " file=opensips.cfg,"}},
		{"no such file", map[string]string{"files": "none/*.cfg"}, exitUnreadable, []string{"::error file=none/*.cfg,"}},
		{"arguments", map[string]string{"args": "--no-files --rules=-TLS303"}, exitOK, []string{"!::error"}},
		{"warnings pass", map[string]string{"files": "weak.cfg", "root": "image"}, exitOK, []string{"::warning file=weak.cfg,line=8,", "TLS401"}},
		{"unless they may not", map[string]string{"files": "weak.cfg", "root": "image", "max-severity": "notice"}, exitFindings, []string{"TLS401"}},
		{"version", map[string]string{"files": "new.cfg", "args": "--no-files", "opensips": "3.4"}, exitOK, []string{"!::error"}},
		{"usual version", map[string]string{"files": "new.cfg", "args": "--no-files"}, exitFindings, []string{"::error file=new.cfg,"}},
		{"wrong version", map[string]string{"opensips": "9.9"}, exitUsage, []string{"9.9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, code := runAction(t, checkout(t), test.inputs)
			if code != test.code {
				t.Errorf("exit code %d, want %d\n%s", code, test.code, out)
			}
			expectTexts(t, out, test.want)
		})
	}
}

// expectTexts looks for texts in an output; those with "!" before them must not be
// there.
func expectTexts(t *testing.T, out string, want []string) {
	t.Helper()
	for _, text := range want {
		text, not := strings.CutPrefix(text, "!")
		if strings.Contains(out, text) == not {
			t.Errorf("%q is there: %v\n%s", text, not, out)
		}
	}
}

// An input that is not given leaves the settings of the project as they are.
func TestActionSettings(t *testing.T) {
	dir := checkout(t)
	certfiles.Write(t, filepath.Join(dir, ".tlsmgm.yaml"), []byte("opensips: 3.4\nmax-severity: none\nrules: {TLS: off}\n"))
	if out, code := runAction(t, dir, map[string]string{"files": "new.cfg", "args": "--no-files"}); code != exitOK {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if out, code := runAction(t, dir, map[string]string{"files": "new.cfg", "args": "--no-files", "opensips": "2.3"}); code != exitFindings {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestActionSARIF(t *testing.T) {
	dir := checkout(t)
	out, code := runAction(t, dir, map[string]string{"files": "conf/*.cfg", "root": "image", "sarif": "out put.sarif"})
	if code != exitFindings || !strings.Contains(out, "::error file=conf/edge.cfg") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct{ RuleID string }
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "out put.sarif"))), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != strings.Count("\n"+out, "\n::") {
		t.Errorf("not the findings of the log: %+v\n%s", log, out)
	}
}

// Neither inputs nor the names of files are run: in a pull request both may come
// from a stranger.
func TestActionRunsNoInput(t *testing.T) {
	const hostile = `$(touch pwned) ; touch pwned # "; touch pwned; " ` + "`touch pwned`"
	a := readAction(t)
	for name := range a.Inputs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := checkout(t)
			out, code := runAction(t, dir, map[string]string{name: hostile})
			expectNoFile(t, filepath.Join(dir, "pwned"), out)
			if code == exitOK {
				t.Errorf("nobody noticed\n%s", out)
			}
		})
	}
	t.Run("file name", func(t *testing.T) {
		t.Parallel()
		dir := checkout(t)
		certfiles.Write(t, filepath.Join(dir, "--preprocess=touch pwned; cat #.cfg"), []byte("route { exit; }\n"))
		out, code := runAction(t, dir, map[string]string{"files": "*.cfg", "root": "image"})
		expectNoFile(t, filepath.Join(dir, "pwned"), out)
		if code != exitFindings || !strings.Contains(out, "preprocess") {
			t.Errorf("the file was not checked: exit code %d\n%s", code, out)
		}
	})
}

func expectNoFile(t *testing.T, path, out string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		t.Errorf("a command was run\n%s", out)
	}
}

// gitLabJob is what docs/deploy/gitlab-ci.yml has of a job.
type gitLabJob struct {
	Stage, Image string
	Variables    map[string]string
	BeforeScript []string `yaml:"before_script"`
	Script       []string
	Artifacts    struct {
		When    string
		Reports struct{ JUnit string }
	}
}

const gitLabTemplate = "docs/deploy/gitlab-ci.yml"

func readGitLab(t *testing.T) gitLabJob {
	t.Helper()
	var jobs map[string]gitLabJob
	decodeYAML(t, readFile(t, inRepository(t, gitLabTemplate)), &jobs)
	job, ok := jobs["tlsmgm"]
	if !ok || len(jobs) != 1 || job.Image == "" || job.Stage != "test" {
		t.Fatalf("jobs are %+v", jobs)
	}
	return job
}

// TestGitLab runs the lines of the GitLab job, with variables in place of its own.
func TestGitLab(t *testing.T) {
	job := readGitLab(t)
	if job.Artifacts.When != "always" {
		t.Errorf("without findings to see: artifacts are kept %q", job.Artifacts.When)
	}
	for _, test := range []struct {
		name      string
		variables map[string]string
		code      int
		failures  bool     // in the JUnit report
		want      []string // as in TestAction
	}{
		{"good", map[string]string{"TLSMGM_ARGS": "--root image"}, exitOK, false, []string{"starts with it"}},
		{"defaults", nil, exitFindings, true, []string{"opensips.cfg:5:36: error: "}},
		{"pattern", map[string]string{"TLSMGM_FILES": "conf/*.cfg weak.cfg", "TLSMGM_ARGS": "--no-files"}, exitFindings, true, []string{"conf/edge.cfg:8:", "conf/trunk.cfg:8:", "weak.cfg:8:"}},
		{"version", map[string]string{"TLSMGM_FILES": "new.cfg", "TLSMGM_ARGS": "--no-files", "TLSMGM_OPENSIPS": "3.4"}, exitOK, false, []string{"OpenSIPS 3.4 accepts it"}},
	} {
		for _, shell := range []string{"bash", "sh"} {
			t.Run(test.name+"/"+shell, func(t *testing.T) {
				t.Parallel()
				dir := checkout(t)
				variables := maps.Clone(job.Variables)
				maps.Copy(variables, test.variables)
				var env []string
				for name, value := range variables {
					if _, ok := job.Variables[name]; !ok {
						t.Errorf("the job has no variable %s", name)
					}
					env = append(env, name+"="+value)
				}
				out, code := runIn(t, dir, env, shell, "-e", "-c", strings.Join(slices.Concat(job.BeforeScript, job.Script), "\n"))
				if code != test.code {
					t.Errorf("exit code %d, want %d\n%s", code, test.code, out)
				}
				expectTexts(t, out, test.want)
				var suites struct {
					Failures int `xml:"failures,attr"`
				}
				if err := xml.Unmarshal([]byte(readFile(t, filepath.Join(dir, job.Artifacts.Reports.JUnit))), &suites); err != nil {
					t.Fatal(err)
				}
				if (suites.Failures > 0) != test.failures {
					t.Errorf("%d failures in the report", suites.Failures)
				}
			})
		}
	}
	t.Run("file name", func(t *testing.T) {
		dir := checkout(t)
		certfiles.Write(t, filepath.Join(dir, "--preprocess=touch pwned; cat #.cfg"), nil)
		env := []string{"TLSMGM_FILES=*.cfg"}
		out, _ := runIn(t, dir, env, "bash", "-e", "-c", strings.Join(job.Script, "\n"))
		expectNoFile(t, filepath.Join(dir, "pwned"), out)
	})
}

// hook is a hook of .pre-commit-hooks.yaml.
type hook struct {
	ID, Name, Description, Entry, Language, Files string
	Args, Types                                   []string
	RequireSerial                                 bool `yaml:"require_serial"`
}

func readHooks(t *testing.T) (hooks []hook) {
	t.Helper()
	decodeYAML(t, readFile(t, inRepository(t, ".pre-commit-hooks.yaml")), &hooks)
	return hooks
}

// TestPreCommitHook runs the hook as pre-commit does: with arguments, its own or
// those of a project, and the names of the files that changed behind its entry.
func TestPreCommitHook(t *testing.T) {
	hooks := readHooks(t)
	if len(hooks) != 1 || hooks[0].ID != "tlsmgm" || hooks[0].Language != "golang" {
		t.Fatalf("hooks are %+v", hooks)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for name, want := range map[string]bool{
		"etc/opensips.cfg": true, "opensips.cfg": true, "opensips-edge.cfg": true, "a/b/opensips_trunk.cfg": true,
		"foo.txt": false, "opensips.cfg.orig": false, "kamailio.cfg": false, "opensips/README.cfg": false, "my-opensips.cfg": false,
	} {
		if files.MatchString(name) != want {
			t.Errorf("%s is taken for a script: %v", name, !want)
		}
	}
	// go install, by which the program comes, names it as its folder is named.
	entry := strings.Fields(hooks[0].Entry)
	if _, err := os.Stat(inRepository(t, filepath.Join("cmd", entry[0]))); err != nil {
		t.Errorf("nothing is installed under that name: %v", err)
	}
	dir := checkout(t)
	certfiles.Write(t, filepath.Join(dir, "--preprocess=touch pwned; cat #", "opensips.cfg"), []byte("route { exit }\n"))
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{append(hooks[0].Args, "opensips.cfg"), exitFindings, "opensips.cfg:5:36: error: "},
		{append(hooks[0].Args, "--preprocess=touch pwned; cat #/opensips.cfg", "opensips.cfg"), exitFindings, "cat #/opensips.cfg:1:"},
		{[]string{"--root", "image", "opensips.cfg"}, exitOK, "starts with it"},
		{[]string{"--root", "image", "opensips.cfg", "conf/edge.cfg"}, exitFindings, "conf/edge.cfg:8:"},
	} {
		out, code := runIn(t, dir, nil, slices.Concat(entry, test.args)...)
		if code != test.code || !strings.Contains(out, test.want) {
			t.Errorf("%q: exit code %d\n%s", test.args, code, out)
		}
		expectNoFile(t, filepath.Join(dir, "pwned"), out)
	}
}

// The kinds of pipelines that the documentation shows are known by the comment in
// their first line, which names their file.
var pipelines = map[string]func(t *testing.T, text string){
	"# .github/workflows/": checkWorkflow,
	"# .gitlab-ci.yml":     checkGitLab,
	"# .pre-commit-config": checkPreCommit,
}

// checkYAML makes sure of a pipeline, or of settings.
func checkYAML(t *testing.T, text string) string {
	t.Helper()
	for beginning, check := range pipelines {
		if strings.HasPrefix(text, beginning) {
			check(t, text)
			return text
		}
	}
	return checkSettings(t, text)
}

// checkWorkflow makes sure that a workflow of GitHub gives our action what it
// takes, and may do what it does.
func checkWorkflow(t *testing.T, text string) {
	t.Helper()
	var w struct {
		Name        string
		On          map[string]any
		Permissions map[string]string
		Jobs        map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Name, ID, Uses, If string
				With               map[string]string
			}
		}
	}
	decodeYAML(t, text, &w)
	a, checks := readAction(t), 0
	for name, job := range w.Jobs {
		written := ""
		for _, step := range job.Steps {
			switch action, _, _ := strings.Cut(step.Uses, "@"); action {
			case "opensips-tools/tlsmgm":
				checks, written = checks+1, step.With["sarif"]
				for input := range step.With {
					if _, ok := a.Inputs[input]; !ok {
						t.Errorf("job %s: the action has no input %q", name, input)
					}
				}
			case "github/codeql-action/upload-sarif":
				if file := step.With["sarif_file"]; file == "" || file != written || w.Permissions["security-events"] != "write" {
					t.Errorf("job %s: cannot upload %q, with %q written and the permissions %v", name, file, written, w.Permissions)
				}
				if !strings.Contains(step.If, "cancelled()") && step.If != "always()" {
					t.Errorf("job %s: uploads nothing if there are errors", name)
				}
			}
		}
		if job.RunsOn == "" {
			t.Errorf("job %s runs nowhere", name)
		}
	}
	if checks == 0 || len(w.On) == 0 || w.Permissions["contents"] != "read" {
		t.Errorf("a workflow that checks nothing, or never:\n%s", text)
	}
}

// checkGitLab makes sure that a pipeline of GitLab includes our job, and sets its
// variables.
func checkGitLab(t *testing.T, text string) {
	t.Helper()
	var p struct {
		Include []struct{ Remote string }
		Job     struct{ Variables map[string]string } `yaml:"tlsmgm"`
	}
	decodeYAML(t, text, &p)
	if len(p.Include) != 1 || !strings.HasSuffix(p.Include[0].Remote, "/"+gitLabTemplate) {
		t.Errorf("includes %+v", p.Include)
	}
	known := readGitLab(t).Variables
	for name := range p.Job.Variables {
		if _, ok := known[name]; !ok {
			t.Errorf("the job has no variable %s", name)
		}
	}
}

func checkPreCommit(t *testing.T, text string) {
	t.Helper()
	var c struct {
		Repos []struct {
			Repo, Rev string
			Hooks     []struct {
				ID   string
				Args []string
			}
		}
	}
	decodeYAML(t, text, &c)
	known := readHooks(t)
	for _, repo := range c.Repos {
		for _, used := range repo.Hooks {
			if !slices.ContainsFunc(known, func(h hook) bool { return h.ID == used.ID }) {
				t.Errorf("there is no hook %q", used.ID)
			}
			arguments := slices.Concat([]string{"check"}, used.Args, []string{"opensips.cfg"})
			if err := parses(arguments); err != nil || !slices.Contains(used.Args, "--") {
				t.Errorf("%q: %v", used.Args, err)
			}
		}
	}
	if len(c.Repos) == 0 {
		t.Errorf("no repositories:\n%s", text)
	}
}

// parses tells what is wrong with a command line.
func parses(args []string) error {
	app, err := newParser(&commandLine{}, &bytes.Buffer{}, &bytes.Buffer{})
	if err != nil {
		return err
	}
	_, err = app.Parse(args)
	return err
}
