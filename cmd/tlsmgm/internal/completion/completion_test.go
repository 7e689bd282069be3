package completion

import (
	"io"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func model(t *testing.T, grammar any) *kong.Application {
	t.Helper()
	parser, err := kong.New(grammar, kong.Name("prog"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// What a shell takes for its own must come through as text.
func TestQuoting(t *testing.T) {
	var grammar struct {
		Show struct {
			Level string   `short:"l" enum:"low,high" default:"low" help:"User's choice [of $HOME] and $(reboot)."`
			All   bool     `help:"Everything."`
			Key   string   `help:"Any."`
			Form  []string `short:"f" complete:"forms" help:"Form, and another."`
		} `cmd:"" help:"It's shown."`
	}
	app := model(t, &grammar)
	for shell, want := range map[string][]string{
		"bash": {"/show:-*) words='--help --level --all --key --form'", "/show:--form) words='text json'", "/show:--level) words='low high'", "/show:--key) words=''"},
		"zsh": {
			`'show:It'\''s shown'`,
			`'--level=[User'\''s choice \[of $HOME\] and $(reboot)]:level:(low high)'`,
			`'-l+[User'\''s choice \[of $HOME\] and $(reboot)]:level:(low high)'`,
			`'*--form=[Form, and another]:form:(text json)'`, `'*-f+[Form, and another]:form:(text json)'`,
			`'--all[Everything]'`, `'--key=[Any]:key: '`, `'-h[Show context-sensitive help]'`,
		},
		"fish": {
			`-a show -d 'It\'s shown'`,
			`-l level -s l -x -a 'low high' -d 'User\'s choice [of $HOME] and $(reboot)'`,
			`-l form -s f -x -a 'text json' -d 'Form, and another'`,
			`-l all -d 'Everything'`, `-l key -x -d 'Any'`,
		},
	} {
		var got strings.Builder
		if err := Write(&got, shell, app, map[string][]string{"forms": {"text", "json"}}); err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			if !strings.Contains(got.String(), line) {
				t.Errorf("%s has no %s:\n%s", shell, line, &got)
			}
		}
	}
}

// Commands below another are offered behind it alone.
func TestNested(t *testing.T) {
	var grammar struct {
		Show struct{} `cmd:"" help:"Show."`
		DB   struct {
			List struct {
				Format string `enum:"text,json" default:"text" help:"Form."`
			} `cmd:"" help:"List it."`
			Create struct{} `cmd:"" help:"Create it."`
		} `cmd:"" name:"db" help:"Work."`
	}
	app := model(t, &grammar)
	for shell, want := range map[string][]string{
		"bash": {
			"/show | /db | /db/list | /db/create) command=$command/$word", "/db/list:--format) words='text json'",
			"/db/list:-*) words='--help --format'", "/db:*) words='list create'", "\t:*) words='show db'",
		},
		"zsh": {"\t\tdb)\n\t\t\t_prog_db\n", "_prog_db() {", `'--format=[Form]:format:(text json)'`},
		"fish": {
			"-n __fish_use_subcommand -a db -d 'Work'",
			"-n '__fish_seen_subcommand_from db; and not __fish_seen_subcommand_from list create' -a list -d 'List it'",
			"-n '__fish_seen_subcommand_from db; and __fish_seen_subcommand_from list' -l format -x -a 'text json' -d 'Form'",
		},
	} {
		var got strings.Builder
		if err := Write(&got, shell, app, nil); err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if !strings.Contains(got.String(), text) {
				t.Errorf("%s has no %q:\n%s", shell, text, &got)
			}
		}
	}
}

func TestWriteErrors(t *testing.T) {
	var grammar struct {
		Show struct {
			Name string `arg:"" complete:"names"`
		} `cmd:""`
	}
	app := model(t, &grammar)
	if err := Write(io.Discard, "bash", app, nil); err == nil || !strings.Contains(err.Error(), `"names"`) {
		t.Errorf("a list of words that is not there: %v", err)
	}
	words := map[string][]string{"names": {"a"}}
	if err := Write(io.Discard, "tcsh", app, words); err == nil || !strings.Contains(err.Error(), `"tcsh"`) {
		t.Errorf("a shell that is not there: %v", err)
	}
	if err := Write(io.Discard, "bash", app, words); err != nil {
		t.Error(err)
	}
}
