package openssl

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// outcome is what a cipher string comes to: the suites, or why it is refused.
type outcome struct {
	suites  string // joined by colons
	refused string
}

// opensslOutcome asks the openssl command; -s asks for the usable suites.
func opensslOutcome(list string, flags ...string) outcome {
	args := append([]string{"ciphers"}, flags...)
	stdout, stderr, err := runOpenSSL(append(args, "--", list)...)
	if err == nil {
		return outcome{suites: strings.TrimSpace(stdout)}
	}
	for _, reason := range []error{ErrNoCipherMatch, ErrInvalidCommand} {
		if strings.Contains(stderr, reason.Error()) {
			return outcome{refused: reason.Error()}
		}
	}
	return outcome{refused: fmt.Sprintf("%v: %s", err, stderr)}
}

// ourOutcome asks this package.
func ourOutcome(list string, which func(CipherList) []Suite) outcome {
	parsed, err := ParseCipherList(list)
	if err != nil {
		return outcome{refused: err.(*CipherListError).Err.Error()}
	}
	return outcome{suites: suiteNames(which(parsed))}
}

// compareLists checks cipher strings against the openssl command, a few at a
// time.
func compareLists(t *testing.T, lists []string) {
	t.Helper()
	requireOpenSSL(t)
	work := make(chan string)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for list := range work {
				want, got := opensslOutcome(list), ourOutcome(list, CipherList.All)
				if diff := cmp.Diff(strings.Split(want.suites, ":"), strings.Split(got.suites, ":")); want != got {
					t.Errorf("%q: openssl refuses with %q, we with %q; -openssl +ours\n%s", list, want.refused, got.refused, diff)
				}
			}
		})
	}
	for _, list := range lists {
		work <- list
	}
	close(work)
	wait.Wait()
}

func TestCipherStringsAsOpenSSL(t *testing.T) {
	t.Parallel()
	compareLists(t, cipherStrings(t))
}

// cipherStrings reads the strings of testdata.
func cipherStrings(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/cipherlists.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lists []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			lists = append(lists, line)
		}
	}
	return lists
}

func TestEveryTermAsOpenSSL(t *testing.T) {
	t.Parallel()
	// A question mark is an error only after a name that is known.
	lists := []string{"ALL:" + strings.Join(retiredNames[:], "?:") + "?"}
	for i := range groupNames {
		name := groupNames[i].name
		lists = append(lists, name, "ALL:eNULL:-"+name+":"+name)
		if !groupNames[i].selectsAny() {
			lists = append(lists, "ALL:"+name+"?")
		}
	}
	compareLists(t, lists)
}

func TestUsableAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	for _, list := range []string{"ALL:eNULL", "DEFAULT", "HIGH:!aRSA", "aDSS:PSK:SRP", "COMPLEMENTOFDEFAULT"} {
		for level := range 6 {
			list := fmt.Sprintf("%s:@SECLEVEL=%d", list, level)
			if diff := cmp.Diff(opensslOutcome(list, "-s").suites, ourOutcome(list, CipherList.Usable).suites); diff != "" {
				t.Errorf("%q: -openssl +ours\n%s", list, diff)
			}
		}
	}
	for _, list := range []string{"DEFAULT", "ALL:eNULL", "SUITEB128", "SUITEB192"} {
		if diff := cmp.Diff(opensslOutcome(list, "-s").suites, ourOutcome(list, CipherList.Usable).suites); diff != "" {
			t.Errorf("%q: -openssl +ours\n%s", list, diff)
		}
	}
}

// TestCorpusCipherStrings takes the cipher strings out of public scripts.
func TestCorpusCipherStrings(t *testing.T) {
	t.Parallel()
	root := filepath.FromSlash("../../../shared/corpus/files")
	if _, err := os.Stat(root); err != nil {
		t.Skip("no corpus here")
	}
	assignment := regexp.MustCompile(`(?m)^[^#\n]*ciphers_list(?:"\s*,|\s*=)\s*"(?:\[[^\]"]*\])?([^"]+)"`)
	var lists []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		script, err := os.ReadFile(path)
		for _, m := range assignment.FindAllSubmatch(script, -1) {
			lists = append(lists, string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(lists) == 0 {
		t.Fatal("no script of the corpus sets ciphers_list")
	}
	compareLists(t, lists)
}

// cipherStringGenerator makes strings of terms and commands, some of them
// wrong.
func cipherStringGenerator() *rapid.Generator[string] {
	var names []string
	for i := range groupNames {
		names = append(names, groupNames[i].name)
	}
	group := rapid.SampledFrom(names)
	suite := rapid.Custom(func(t *rapid.T) string { return suites[rapid.IntRange(0, len(suites)-1).Draw(t, "suite")].Name })
	other := rapid.SampledFrom(append(retiredNames[:], "DEFAULT", "SUITEB128", "FOO", "AES_GCM", "-AES", "aes", "X=1"))
	name := rapid.OneOf(group, group, group, suite, other)
	term := rapid.Custom(func(t *rapid.T) string {
		prefix := rapid.SampledFrom([]string{"", "", "", "-", "+", "!"}).Draw(t, "prefix")
		return prefix + strings.Join(rapid.SliceOfN(name, 1, 3).Draw(t, "names"), "+")
	})
	command := rapid.SampledFrom([]string{"@STRENGTH", "@SECLEVEL=0", "@SECLEVEL=3", "@STRENGTH+AES"})
	wrong := rapid.SampledFrom([]string{"?", "@", "@SECLEVEL=7", "AES+", "\"", "_"})
	item := rapid.Custom(func(t *rapid.T) string {
		switch n := rapid.IntRange(0, 39).Draw(t, "kind"); {
		case n == 0:
			return wrong.Draw(t, "wrong")
		case n < 5:
			return command.Draw(t, "command")
		}
		return term.Draw(t, "term")
	})
	return rapid.Custom(func(t *rapid.T) string {
		var list strings.Builder
		list.WriteString(rapid.SampledFrom([]string{"", "", "DEFAULT", "ALL:", "ALL:eNULL:", "SUITEB192:"}).Draw(t, "start"))
		for _, item := range rapid.SliceOfN(item, 1, 7).Draw(t, "items") {
			list.WriteString(item)
			list.WriteString(rapid.SampledFrom([]string{":", ":", ":", ",", " ", ";", "::", ""}).Draw(t, "separator"))
		}
		return list.String()
	})
}

// TestGeneratedCipherStringsAsOpenSSL makes 300 strings; -rapid.checks=10000
// makes 30,000.
func TestGeneratedCipherStringsAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	rapid.Check(t, func(t *rapid.T) {
		for _, list := range rapid.SliceOfN(cipherStringGenerator(), 3, 3).Draw(t, "lists") {
			if want, got := opensslOutcome(list), ourOutcome(list, CipherList.All); want != got {
				t.Errorf("%q: openssl %+v, ours %+v", list, want, got)
			}
		}
	})
}

// TestSuitesAsOpenSSL compares every suite that can be selected with the
// openssl command: number, both names, description, bits.
func TestSuitesAsOpenSSL(t *testing.T) {
	t.Parallel()
	stdout := mustOpenSSL(t, "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL")
	// 0xC0,0x2C - TLS_ECDHE_… - ECDHE-ECDSA-AES256-GCM-SHA384 TLSv1.2 Kx=…
	line := regexp.MustCompile(`^\s*0x(..),0x(..) - (\S+)\s+- (.*)$`)
	seen := 0
	for scanner := bufio.NewScanner(strings.NewReader(stdout)); scanner.Scan(); seen++ {
		m := line.FindStringSubmatch(scanner.Text())
		if m == nil {
			t.Fatalf("cannot read %q", scanner.Text())
		}
		id, err := strconv.ParseUint(m[1]+m[2], 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		s, ok := SuiteByID(uint16(id))
		if !ok || s.IANA != m[3] || s.Description() != m[4] {
			t.Errorf("suite %04x is %q, described\n%q, openssl says %q and\n%q", id, s.IANA, s.Description(), m[3], m[4])
		}
	}
	if want := selectableSuites + 3; seen != want {
		t.Errorf("openssl lists %d suites, expected %d", seen, want)
	}
	for _, name := range []string{"TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"} {
		s, ok := SuiteByName(name)
		if stdout := mustOpenSSL(t, "ciphers", "-v", "-ciphersuites", name, "AES256-SHA"); !ok || !strings.Contains(stdout, s.Description()+"\n") {
			t.Errorf("description of %s is\n%q, openssl says\n%s", name, s.Description(), stdout)
		}
	}
}
