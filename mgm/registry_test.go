package mgm_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// table is a source whose rows can be changed between loads.
type table struct {
	mu    sync.Mutex
	rows  []mgm.Row
	err   error // ends the load after the rows
	loads atomic.Int32
	gate  chan struct{} // if set, a load waits for it
}

func (s *table) Rows(context.Context) iter.Seq2[mgm.Row, error] {
	return func(yield func(mgm.Row, error) bool) {
		s.loads.Add(1)
		if s.gate != nil {
			<-s.gate
		}
		s.mu.Lock()
		rows, err := slices.Clone(s.rows), s.err
		s.mu.Unlock()
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(mgm.Row{}, err)
		}
	}
}

func (s *table) set(rows ...mgm.Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = rows
}

// pair is a certificate and its key in PEM.
type pair struct{ cert, key []byte }

func pairOf(t testing.TB, name string) pair {
	t.Helper()
	id := certtest.Root(t, "test CA").Issue(t, name)
	return pair{id.PEM(), id.KeyPEM(t)}
}

func ptr[T any](v T) *T { return new(v) }

func server(id int64, name, address string, p pair) mgm.Row {
	return mgm.Row{
		ID: id, Domain: name, Address: address, Type: ptr[int64](2),
		Certificate: p.cert, PrivateKey: p.key,
		VerifyCert: ptr[int64](0), RequireCert: ptr[int64](0),
	}
}

func client(id int64, name, address string, p pair) mgm.Row {
	r := server(id, name, address, p)
	r.Type = ptr[int64](1)
	return r
}

// fixture is a script with a server domain sv1, client domains cl1 and cl2, and
// defaults, all with the same certificate.
func fixture(t testing.TB, source mgm.Source) (*mgm.Registry, pair) {
	t.Helper()
	own := pairOf(t, "sip.example.com")
	files := fstest.MapFS{"c.pem": {Data: own.cert}, "k.pem": {Data: own.key}}
	make := func(kind domain.Kind, name, address string) *domain.Definition {
		d := domain.New(kind, name, "")
		d.Certificate.File, d.PrivateKey.File = "c.pem", "k.pem"
		d.VerifyCert.On, d.RequireCert.On = false, false
		if address != "" {
			d.Address = netip.MustParseAddrPort(address)
		}
		return d
	}
	script := mgm.Script{
		DefaultClient: make(domain.Client, "", ""), DefaultServer: make(domain.Server, "", ""),
		Domains: []*domain.Definition{
			make(domain.Server, "sv1", "127.0.0.1:5061"),
			make(domain.Client, "cl1", ""), make(domain.Client, "cl2", "127.0.0.1:5099"),
		},
	}
	script.DefaultClient.Default, script.DefaultServer.Default = true, true
	o := mgm.Options{Version: catalogue.Default, Files: files, Now: certtest.Now}
	if source != nil {
		o.Source = source
	}
	r, problems, err := mgm.NewRegistry(t.Context(), script, o)
	if err != nil || r == nil {
		t.Fatalf("NewRegistry: %v, %v", err, problems)
	}
	return r, own
}

func names(ds *mgm.Domains) []string {
	var all []string
	for d := range ds.All() {
		all = append(all, d.Kind.String()+" "+d.DisplayName())
	}
	return all
}

func TestOrderOfDomains(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	source.set(server(1, "a", "127.0.0.1:1", pair), client(2, "b", "", pair), server(3, "c", "127.0.0.1:3", pair))
	if _, err := r.Reload(t.Context(), mgm.ReloadOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"client default", "server default", "client b", "client cl2", "client cl1", "server c", "server a", "server sv1",
	}
	if diff := cmp.Diff(want, names(r.Domains())); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if got := r.Domains().Len(); got != len(want) {
		t.Errorf("Len() = %d, want %d", got, len(want))
	}
}

func TestFindServer(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	source.set(
		server(1, "v4", "192.0.2.1:5061", pair), server(2, "any4", "0.0.0.0:5062", pair),
		server(3, "shadow", "127.0.0.1:5061", pair),
	)
	reload(t, r)
	for local, want := range map[string]string{
		"192.0.2.1:5061":          "v4",
		"[::ffff:192.0.2.1]:5061": "v4", // a dual socket
		"192.0.2.1:5062":          "any4",
		"127.0.0.1:5061":          "shadow", // the table comes before the script
		"192.0.2.9:5061":          "default",
		"[2001:db8::1]:5062":      "default", // 0.0.0.0 is no IPv6
	} {
		if got := r.Domains().FindServer(netip.MustParseAddrPort(local)).DisplayName(); got != want {
			t.Errorf("FindServer(%s) = %s, want %s", local, got, want)
		}
	}
}

func TestFindClient(t *testing.T) {
	r, _ := fixture(t, nil)
	for _, test := range []struct {
		avp, destination, want string
		rule                   mgm.ClientRule
	}{
		{"cl1", "127.0.0.1:5099", "cl1", mgm.ByName},
		{"CL1", "192.0.2.1:1", "cl1", mgm.ByName},
		{"nosuch", "127.0.0.1:5099", "cl2", mgm.ByAddress},
		{"", "127.0.0.1:5099", "cl2", mgm.ByAddress},
		{"sv1", "192.0.2.1:1", "default", mgm.ByDefault}, // a server domain is none
		{"", "192.0.2.1:1", "default", mgm.ByDefault},
	} {
		d, rule := r.Domains().FindClient(test.avp, netip.MustParseAddrPort(test.destination))
		if d.DisplayName() != test.want || rule != test.rule {
			t.Errorf("FindClient(%q, %s) = %s by %s, want %s by %s",
				test.avp, test.destination, d.DisplayName(), rule, test.want, test.rule)
		}
	}
}

// The same domains are found without their contexts.
func TestWithoutContexts(t *testing.T) {
	own := func(kind domain.Kind, name, address string) *domain.Definition {
		d := domain.New(kind, name, "")
		d.Default = name == ""
		if address != "" {
			d.Address = netip.MustParseAddrPort(address)
		}
		return d
	}
	ds := mgm.WithoutContexts(mgm.Script{
		DefaultClient: own(domain.Client, "", ""), DefaultServer: own(domain.Server, "", ""),
		Domains: []*domain.Definition{
			own(domain.Client, "cl1", ""), own(domain.Server, "sv1", "127.0.0.1:5061"), own(domain.Server, "sv2", "127.0.0.1:5061"),
		},
	})
	want := []string{"client default", "server default", "client cl1", "server sv2", "server sv1"}
	if diff := cmp.Diff(want, names(ds)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if d := ds.FindServer(netip.MustParseAddrPort("127.0.0.1:5061")); d.Name != "sv2" || d.Context != nil {
		t.Errorf("%s is found, context %v", d.Name, d.Context)
	}
}

func reload(t *testing.T, r *mgm.Registry) mgm.Report {
	t.Helper()
	report, err := r.Reload(t.Context(), mgm.ReloadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestReloadSkipsRows(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	other := pairOf(t, "other.example.com")
	mismatch := server(8, "mismatch", "127.0.0.1:8", pair)
	mismatch.PrivateKey = other.key
	typ := func(n int64, r mgm.Row) mgm.Row { r.Type = &n; return r }
	source.set(
		server(1, "", "127.0.0.1:1", pair),
		server(2, "noaddr", "", pair),
		server(3, "host", "localhost:3", pair),
		typ(0, server(4, "both", "127.0.0.1:4", pair)),
		typ(3, server(5, "three", "127.0.0.1:5", pair)),
		server(6, "sv1", "127.0.0.1:6", pair),
		server(7, "ok", "127.0.0.1:7", pair),
		mismatch,
		server(9, "ok", "127.0.0.1:9", pair),
		typ(0, server(10, "default", "", pair)),
		typ(1, server(11, "default", "", pair)),
	)
	report := reload(t, r)
	var got []string
	for _, p := range report.Skipped {
		got = append(got, fmt.Sprintf("%d %s", p.ID, p.Column))
	}
	slices.Sort(got)
	want := []string{
		"1 domain", "11 domain", "2 address", "3 address", "4 type", "5 type", "6 domain", "8 private_key", "9 domain",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if d := r.Domains().DefaultServer(); !d.FromDB() || d.From.Row != 10 {
		t.Errorf("default server domain is from %s, want row 10", d.From)
	}
}

func TestDefaultsComeBack(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	def := server(1, "default", "", pair)
	source.set(def)
	reload(t, r)
	if !r.Domains().DefaultServer().FromDB() || r.Domains().DefaultClient().FromDB() {
		t.Error("a row of type 2 must replace the default server domain and no other")
	}
	source.set()
	reload(t, r)
	if r.Domains().DefaultServer().FromDB() {
		t.Error("the script's default server domain did not come back")
	}
}

func TestUnknownMethodMeansDefault(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	row := server(1, "m", "127.0.0.1:1", pair)
	row.Method = "TLSv1_3"
	source.set(row)
	report := reload(t, r)
	if len(report.Skipped) != 0 || len(report.Warnings) != 1 || report.Warnings[0].Column != "method" {
		t.Fatalf("report = %+v, want one warning about the method", report)
	}
	for d := range r.Domains().Named("m") {
		if d.Method.Value != domain.DefaultMethod {
			t.Errorf("method = %q, want the default", d.Method.Value)
		}
	}
}

func TestReportTellsWhatChanged(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	source.set(server(1, "stays", "127.0.0.1:1", pair), server(2, "changes", "127.0.0.1:2", pair),
		server(3, "goes", "127.0.0.1:3", pair), server(5, "renewed", "127.0.0.1:5", pair), server(6, "trusts", "127.0.0.1:6", pair))
	reload(t, r)
	renewed, trusts := server(5, "renewed", "127.0.0.1:5", pairOf(t, "renewed")), server(6, "trusts", "127.0.0.1:6", pair)
	trusts.CAList = pair.cert
	source.set(server(11, "stays", "127.0.0.1:1", pair), server(2, "changes", "127.0.0.1:22", pair),
		server(4, "comes", "127.0.0.1:4", pair), renewed, trusts)
	report := reload(t, r)
	got := [][]string{report.Added, report.Changed, report.Removed}
	if diff := cmp.Diff([][]string{{"server comes"}, {"server changes", "server renewed", "server trusts"}, {"server goes"}}, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestDryRunAndStrictChangeNothing(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	before := r.Domains()
	source.set(server(1, "new", "127.0.0.1:1", pair), server(2, "bad", "", pair))
	report, err := r.Reload(t.Context(), mgm.ReloadOptions{DryRun: true})
	if err != nil || !report.DryRun || !slices.Equal(report.Added, []string{"server new"}) || len(report.Skipped) != 1 {
		t.Errorf("dry run: %+v, %v", report, err)
	}
	_, err = r.Reload(t.Context(), mgm.ReloadOptions{Strict: true})
	var skipped *mgm.SkippedError
	if !errors.As(err, &skipped) || len(skipped.Rows) != 1 {
		t.Errorf("strict reload: %v, want a SkippedError with one row", err)
	}
	if r.Domains() != before {
		t.Error("the domains changed")
	}
	if s := r.Stats(); s.Reloads != 1 || s.FailedReloads != 1 {
		t.Errorf("stats = %+v, want one reload that failed: a dry run is none", s)
	}
}

func TestFailedLoadKeepsDomains(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	source.set(server(1, "a", "127.0.0.1:1", pair))
	reload(t, r)
	before := r.Domains()
	source.set(server(2, "b", "127.0.0.1:2", pair))
	source.err = errors.New("connection lost")
	if _, err := r.Reload(t.Context(), mgm.ReloadOptions{}); err == nil {
		t.Fatal("Reload succeeded with a source that failed")
	}
	if r.Domains() != before {
		t.Error("a failed reload changed the domains")
	}
}

func TestReloadWithoutDatabase(t *testing.T) {
	r, _ := fixture(t, nil)
	if _, err := r.Reload(t.Context(), mgm.ReloadOptions{}); !errors.Is(err, mgm.ErrNoDatabase) {
		t.Errorf("Reload = %v, want %v", err, mgm.ErrNoDatabase)
	}
	if _, err := r.Reload(t.Context(), mgm.ReloadOptions{Files: true}); err != nil {
		t.Errorf("reload of files: %v", err)
	}
}

func TestConcurrentReloadsShareALoad(t *testing.T) {
	source := &table{}
	r, _ := fixture(t, source)
	source.gate = make(chan struct{})
	source.loads.Store(0)
	const callers = 20
	var done sync.WaitGroup
	first := make(chan struct{})
	done.Go(func() { close(first); _, _ = r.Reload(t.Context(), mgm.ReloadOptions{}) })
	<-first
	for source.loads.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range callers {
		done.Go(func() {
			if _, err := r.Reload(t.Context(), mgm.ReloadOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond) // let them queue up behind the first
	close(source.gate)
	done.Wait()
	if n := source.loads.Load(); n < 2 || n > 3 {
		t.Errorf("%d loads for %d callers, want the running one and one that the others share", n, callers)
	}
}

func TestReloadOutlivesItsCaller(t *testing.T) {
	source := &table{}
	r, pair := fixture(t, source)
	source.gate = make(chan struct{})
	source.set(server(1, "late", "127.0.0.1:1", pair))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Reload(ctx, mgm.ReloadOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Reload = %v, want the caller's cancellation", err)
	}
	close(source.gate)
	for deadline := time.Now().Add(5 * time.Second); r.Domains().Len() != 6; {
		if time.Now().After(deadline) {
			t.Fatalf("domains = %v, want the reload to be finished", names(r.Domains()))
		}
		time.Sleep(time.Millisecond)
	}
}

func BenchmarkFindServer(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			source := &table{}
			pair := pairOf(b, "x")
			for i := range n {
				source.rows = append(source.rows, server(int64(i+1), fmt.Sprint("d", i), fmt.Sprintf("10.%d.%d.%d:5061", i>>16, i>>8&255, i&255), pair))
			}
			r, _ := fixture(b, source)
			local := netip.MustParseAddrPort("10.0.0.5:5061")
			b.ReportAllocs()
			for b.Loop() {
				if r.Domains().FindServer(local).Default {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkFindClientByName(b *testing.B) {
	source := &table{}
	pair := pairOf(b, "x")
	for i := range 10_000 {
		source.rows = append(source.rows, client(int64(i+1), fmt.Sprint("Domain", i), "", pair))
	}
	r, _ := fixture(b, source)
	b.ReportAllocs()
	for b.Loop() {
		if r.Domains().FindClientName("DOMAIN77") == nil {
			b.Fatal("not found")
		}
	}
}

func TestCloseWaitsAndRefuses(t *testing.T) {
	source := &table{}
	r, _ := fixture(t, source)
	source.gate = make(chan struct{})
	go func() { _, _ = r.Reload(context.Background(), mgm.ReloadOptions{}) }()
	for source.loads.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	closed := make(chan struct{})
	go func() { r.Close(); close(closed) }()
	select {
	case <-closed:
		t.Fatal("Close returned while a reload was running")
	case <-time.After(20 * time.Millisecond):
	}
	close(source.gate)
	<-closed
	if _, err := r.Reload(t.Context(), mgm.ReloadOptions{}); !errors.Is(err, mgm.ErrClosed) {
		t.Errorf("Reload after Close = %v, want %v", err, mgm.ErrClosed)
	}
}

func TestServerTLSPicksTheDomainOfTheSocket(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	source := &table{}
	r, _ := fixture(t, source)
	own := pairOf(t, "own.example.com")
	source.set(server(1, "own", ln.Addr().String(), own))
	if got := served(t, r, ln); got != "sip.example.com" {
		t.Errorf("before the reload the certificate is of %s", got)
	}
	reload(t, r)
	if got := served(t, r, ln); got != "own.example.com" {
		t.Errorf("after the reload the certificate is of %s", got)
	}
}

// served is the name in the certificate that a connection to the listener
// gets.
func served(t *testing.T, r *mgm.Registry, ln net.Listener) string {
	t.Helper()
	go func() {
		c, err := ln.Accept()
		if err == nil {
			_ = tls.Server(c, r.ServerTLS()).Handshake()
			c.Close()
		}
	}()
	c, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName
}

// From 3.0 on "default" is a name like others, and rows say what they match.
func TestRowsFrom30(t *testing.T) {
	source := &table{}
	p := pairOf(t, "sip.example.com")
	row := func(id int64, name, match string) mgm.Row {
		r := server(id, name, "", p)
		r.MatchIPAddress = match
		return r
	}
	source.set(row(1, "default", "*"), row(2, "one", ""), row(3, "bad", "nowhere:5061"), row(4, "two", "127.0.0.1:5061, [::1]:5061"))
	r, problems, err := mgm.NewRegistry(t.Context(), mgm.Script{}, mgm.Options{Version: 3<<8 | 4, Source: source, Now: certtest.Now})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if diff := cmp.Diff([]string{"server two", "server one", "server default"}, names(r.Domains())); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
	if r.Domains().DefaultServer() != nil || r.Domains().DefaultClient() != nil {
		t.Error("there is a default domain")
	}
	if skipped := r.LastReport().Skipped; len(skipped) != 1 || skipped[0].Domain != "bad" || skipped[0].Column != "match_ip_address" {
		t.Errorf("skipped %v", skipped)
	}
}

// TestDefine makes the definitions of rows as a load does.
func TestDefine(t *testing.T) {
	p := pairOf(t, "a")
	for _, c := range []struct {
		row  mgm.Row
		want string
	}{
		{server(1, "a", "192.0.2.10:5061", p), "server a 192.0.2.10:5061"},
		{client(2, "b", "", p), "client b invalid AddrPort"},
		{mgm.Row{ID: 3, Domain: "default", Type: ptr[int64](0)}, "client  invalid AddrPort, server  invalid AddrPort"},
		{mgm.Row{ID: 4}, `domain "" (id 4), column "domain": the domain has no name`},
		{server(5, "c", "", p), `domain "c" (id 5), column "address": a server domain needs an address`},
	} {
		defs, err := c.row.Define("/etc/opensips/", catalogue.Default)
		got := ""
		for i, d := range defs {
			if i > 0 {
				got += ", "
			}
			got += fmt.Sprintf("%s %s %s", d.Kind, d.Name, d.Address)
			if d.From.Row != c.row.ID {
				t.Errorf("row %d is from %v", c.row.ID, d.From)
			}
		}
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("row %d: %s, want %s", c.row.ID, got, c.want)
		}
	}
}

// TestSharedLoader reads files once for the registry and for others.
func TestSharedLoader(t *testing.T) {
	p := pairOf(t, "a")
	files := fstest.MapFS{"cert.pem": {Data: p.cert}, "key.pem": {Data: p.key}}
	d := domain.New(domain.Client, "", "/")
	d.Default = true
	d.Certificate.File, d.PrivateKey.File, d.VerifyCert.On = "/cert.pem", "/key.pem", false
	loader := tlsctx.NewLoader(tlsctx.Options{Files: tlsctx.FromFS(files), Now: certtest.Now}, nil)
	before, _ := loader.Load(d)
	delete(files, "cert.pem") // it is not opened again
	script := mgm.Script{DefaultClient: d, DefaultServer: d}
	r, problems, err := mgm.NewRegistry(t.Context(), script, mgm.Options{
		Version: catalogue.Default, Files: tlsctx.FromFS(files), Loader: loader, Now: certtest.Now,
	})
	if r == nil || err != nil {
		t.Fatalf("problems %v, error %v", problems, err)
	}
	if !r.Domains().DefaultClient().Context.Equal(before) {
		t.Error("the context is not of the loader that was given")
	}
}
