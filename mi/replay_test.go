package mi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recordings holds exchanges of real servers, a folder a version.
const recordings = "../../shared/facts/mi"

// difference is one entry of testdata/differences.json: what a real server
// does, what this package does instead, and why.
type difference struct {
	Recordings []string // VERSION/NAME patterns of the exchanges that show it
	Real, Ours string
	Why        string

	// Rewrite names what turns the recorded body into ours where both say the
	// same.
	Rewrite string
	// Unserved marks what this package does not speak at all.
	Unserved bool
	// Status, Type and Body are what is answered instead of the recorded answer.
	Status     int
	Type, Body string
}

// rewrites turn a recorded answer into ours.
var rewrites = map[string]func(t *testing.T, r recorded, want httpAnswer) httpAnswer{
	"domains": func(_ *testing.T, _ recorded, want httpAnswer) httpAnswer {
		want.Body = strings.ReplaceAll(want.Body, `}, "Domain": {"value"`, `}, {"value"`)
		want.Body = strings.Replace(want.Body, `{"Domain": {`, `{"Domain": [{`, 1)
		want.Body = strings.TrimSuffix(want.Body, "}") + "]}"
		return want
	},
	"slashes": func(_ *testing.T, _ recorded, want httpAnswer) httpAnswer {
		want.Body = strings.ReplaceAll(want.Body, `\/`, `/`)
		return want
	},
	"numbers": func(_ *testing.T, _ recorded, want httpAnswer) httpAnswer {
		want.Body = counterPattern.ReplaceAllString(want.Body, `"$1:$2":"$3"`)
		return want
	},
	// What 3.x refuses is answered as 2.x would, with the same domains.
	"tree": func(t *testing.T, r recorded, _ httpAnswer) httpAnswer {
		all, err := r.handler(t).commands.Call(t.Context(), "tls_list")
		if err != nil {
			t.Fatal(err)
		}
		return httpAnswer{http.StatusOK, "application/json", string(all.AppendTree(nil))}
	},
}

func readDifferences(t *testing.T) []*difference {
	t.Helper()
	data, err := os.ReadFile("testdata/differences.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var list []*difference
	if err := decoder.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

func (d *difference) covers(name string) bool {
	return slices.ContainsFunc(d.Recordings, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// recorded is one exchange with a real server.
type recorded struct {
	name              string // VERSION/NAME
	request, response []byte
}

func readRecordings(t *testing.T) []recorded {
	t.Helper()
	files, err := filepath.Glob(recordings + "/*/*.req")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no recorded exchanges here")
	}
	var list []recorded
	for _, file := range files {
		base := strings.TrimSuffix(file, ".req")
		r := recorded{name: path.Base(path.Dir(filepath.ToSlash(base))) + "/" + filepath.Base(base)}
		r.request = readFile(t, file)
		r.response = readFile(t, base+".resp")
		list = append(list, r)
	}
	return list
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// httpAnswer is what counts of an answer: Date, Connection and the like do not.
type httpAnswer struct {
	Status int
	Type   string
	Body   string
}

// answer reads the recorded response, which need not be sound HTTP.
func (r recorded) answer(t *testing.T) httpAnswer {
	t.Helper()
	head, body, ok := strings.Cut(string(r.response), "\r\n\r\n")
	if !ok {
		return httpAnswer{}
	}
	status, err := strconv.Atoi(strings.Fields(head)[1])
	if err != nil {
		t.Fatal(err)
	}
	a := httpAnswer{Status: status, Body: certPath.ReplaceAllString(body, "@CERTS@")}
	for line := range strings.SplitSeq(head, "\r\n") {
		if value, ok := strings.CutPrefix(line, "Content-Type: "); ok {
			a.Type = value
		}
	}
	return a
}

// certPath is where the recording server of 2.4 had its certificates.
var certPath = regexp.MustCompile(`(\\/\w+)+\\/certs`)

func TestReplay(t *testing.T) {
	differences := readDifferences(t)
	used := make(map[*difference]bool)
	for _, r := range readRecordings(t) {
		applying := slices.DeleteFunc(slices.Clone(differences), func(d *difference) bool { return !d.covers(r.name) })
		for _, d := range applying {
			used[d] = true
		}
		if slices.ContainsFunc(applying, func(d *difference) bool { return d.Unserved }) {
			if len(applying) > 1 {
				t.Errorf("%s: not served, but other differences name it", r.name)
			}
			continue
		}
		t.Run(r.name, func(t *testing.T) { replay(t, r, applying) })
	}
	for _, d := range differences {
		if !used[d] && len(d.Recordings) > 0 {
			t.Errorf("no recording shows the difference %q", d.Recordings)
		}
	}
}

func replay(t *testing.T, r recorded, differences []*difference) {
	address := serve(t, r.handler(t))
	got := exchangeBytes(t, address, r.request)
	want := r.answer(t)
	for _, d := range differences {
		recorded := want
		if rewrite := rewrites[d.Rewrite]; rewrite != nil {
			want = rewrite(t, r, want)
		} else {
			want = httpAnswer{d.Status, d.Type, d.Body}
		}
		if want == recorded {
			t.Errorf("the recorded answer is no different: %q", d.Real)
		}
	}
	if want.Type == "" && strings.HasPrefix(r.name, "2.3/") {
		want.Type = got.Type
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-recorded +ours):\n%s", diff)
	}
	if !json.Valid([]byte(got.Body)) && strings.HasPrefix(got.Type, "application/json") && !bytes.HasPrefix(r.request, []byte("HEAD")) {
		t.Errorf("not JSON: %s", got.Body)
	}
}

// TestReplayOtherTransports gives what 3.4 was asked over its FIFO and UDP to
// our HTTP: the JSON is the same.
func TestReplayOtherTransports(t *testing.T) {
	compared := 0
	for _, r := range readRecordings(t) {
		kind, _, _ := strings.Cut(strings.TrimPrefix(path.Base(r.name), "nodb_"), "_")
		if path.Dir(r.name) != "3.4" || kind != "fifo" && kind != "datagram" || !bytes.HasPrefix(r.response, []byte("{")) {
			continue
		}
		if strings.HasSuffix(r.name, "_which") {
			continue // lists other commands than ours
		}
		compared++
		t.Run(r.name, func(t *testing.T) {
			request := r.request
			if kind == "fifo" {
				request = bytes.SplitN(request, []byte(":"), 3)[2] // :reply file:request
			}
			got := post(t, r.handler(t), string(request))
			if diff := cmp.Diff(strings.TrimSpace(string(r.response)), got.Body); diff != "" {
				t.Errorf("answer (-recorded +ours):\n%s", diff)
			}
		})
	}
	if compared < 20 {
		t.Errorf("compared %d exchanges only", compared)
	}
}

// handler serves what the recording server had, with the clock, the processes
// and the counters of the recording.
func (r recorded) handler(t *testing.T) *Handler {
	t.Helper()
	version := path.Dir(r.name)
	database := !strings.HasPrefix(path.Base(r.name), "nodb_")
	reload := func(context.Context) (Result, error) {
		if !database {
			return nil, NoDatabaseError()
		}
		return nil, nil
	}
	now, started := r.clock(t)
	return newHandler(t, HandlerConfig{Hosts: []string{"x"}},
		GetStatistics(func(context.Context) ([]Statistic, error) { return r.statistics(), nil }),
		Uptime(started, func() time.Time { return now }),
		Version(recordedVersions[version]),
		Which(),
		PS(r.processes),
		Help(),
		TLSReload(reload),
		TLSList(func(context.Context) (iter.Seq[DomainInfo], error) {
			return slices.Values(recordedDomains(version, database)), nil
		}),
	)
}

var recordedVersions = map[string]string{
	"2.3": "OpenSIPS (2.3.6 (x86_64/linux))",
	"2.4": "OpenSIPS (2.4.11 (x86_64/linux))",
	"3.4": "OpenSIPS (3.4.18 (x86_64/linux))",
}

var (
	clockPattern   = regexp.MustCompile(`"Now": ?"([^"]*)", ?"Up since": ?"([^"]*)"`)
	processPattern = regexp.MustCompile(`"ID": ?"?(\d+)"?, ?"PID": ?"?(\d+)"?, ?"Type": ?"([^"]*)"`)
	counterPattern = regexp.MustCompile(`"(core):(\w+)": ?"?(\d+)"?`)
)

func (r recorded) clock(t *testing.T) (now, started time.Time) {
	t.Helper()
	m := clockPattern.FindSubmatch(r.response)
	if m == nil {
		return now, started
	}
	now, err := time.Parse(clockLayout, string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	started, err = time.Parse(clockLayout, string(m[2]))
	if err != nil {
		t.Fatal(err)
	}
	return now, started
}

func (r recorded) processes() (list []Process) {
	for _, m := range processPattern.FindAllSubmatch(r.response, -1) {
		id, _ := strconv.Atoi(string(m[1]))
		pid, _ := strconv.Atoi(string(m[2]))
		list = append(list, Process{ID: id, PID: pid, Type: string(m[3])})
	}
	return list
}

func (r recorded) statistics() []Statistic {
	list := []Statistic{{"shmem", "total_size", 1}}
	for _, m := range counterPattern.FindAllSubmatch(r.response, -1) {
		value, _ := strconv.ParseInt(string(m[3]), 10, 64)
		list = append(list, Statistic{string(m[1]), string(m[2]), value})
	}
	return list
}

// recordedDomains are the domains that the recording servers had.
func recordedDomains(version string, database bool) []DomainInfo {
	file := func(name string) string { return "@CERTS@/" + name }
	script := func(d DomainInfo, name string) DomainInfo {
		d.Name, d.Certificate, d.PrivateKey, d.CAList = name, file(name+".pem"), file(name+".key"), file("ca.pem")
		if d.CADir == "" {
			d.CADir = "/etc/pki/CA/"
		}
		return d
	}
	defaultClient := DomainInfo{Name: "default", Client: true, Method: "SSLv23", CADir: "/etc/pki/CA/", FromDatabase: true}
	defaultServer := DomainInfo{Name: "default", Method: "SSLv23", CADir: "/etc/pki/CA/", FromDatabase: true}
	dbcl := DomainInfo{Name: "dbcl", Client: true, Address: "127.0.0.1:5098", Method: "TLSv1", CADir: "/etc/pki/CA/", FromDatabase: true}
	dbsv := DomainInfo{Name: "dbsv", Address: "127.0.0.1:5062", Method: "TLSv1_2", CADir: "/etc/pki/CA/", FromDatabase: true}
	cl2 := script(DomainInfo{
		Client: true, Address: "127.0.0.1:5099", Method: "SSLv23", VerifyCert: true, CRLCheckAll: true,
		CRLDir: file("crldir"), CADir: file("cadir"), DHParams: file("dh2048.pem"), ECCurve: "prime256v1",
	}, "cl2")
	cl1 := script(DomainInfo{Client: true, Method: "SSLv23", VerifyCert: true}, "cl1")
	sv1 := script(DomainInfo{Address: "127.0.0.1:5061", Method: "TLSv1_2", CipherList: "HIGH:!aNULL"}, "sv1")
	switch {
	case version == "3.4" && database:
		return []DomainInfo{dbcl, cl2, cl1, defaultServer, dbsv, sv1}
	case version == "3.4":
		return []DomainInfo{cl2, cl1, sv1}
	case database:
		return []DomainInfo{defaultClient, defaultServer, dbcl, cl2, cl1, dbsv, sv1}
	}
	defaultClient.FromDatabase, defaultServer.FromDatabase = false, false
	return []DomainInfo{script(defaultClient, "default"), script(defaultServer, "default"), cl2, cl1, sv1}
}

func newHandler(t testing.TB, cfg HandlerConfig, list ...Command) *Handler {
	t.Helper()
	commands, err := NewCommands(list...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHandler(commands, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// serve runs a server on a free loopback port until the test ends.
func serve(t testing.TB, h *Handler) (address string) {
	t.Helper()
	return serveConfig(t, h, ServerConfig{Listen: "127.0.0.1:0"})
}

func serveConfig(t testing.TB, h *Handler, cfg ServerConfig) (address string) {
	t.Helper()
	server, err := NewServer(h, cfg)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// exchangeBytes sends a request as it stands and reads the answer.
func exchangeBytes(t testing.TB, address string, request []byte) httpAnswer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(string(request), " ")
	return readAnswer(t, bufio.NewReader(conn), method)
}

func readAnswer(t testing.TB, r *bufio.Reader, method string) httpAnswer {
	t.Helper()
	response, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return httpAnswer{response.StatusCode, response.Header.Get("Content-Type"), string(body)}
}
