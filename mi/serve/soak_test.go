package serve

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
	"github.com/opensips-tools/tlsmgm/mi"
)

// soakTime is how long TestSoak runs: 3 s, or what TLSMGM_SOAK says.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("TLSMGM_SOAK")
	if text == "" {
		return 3 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	soakDomains = 1000
	soakPort    = 20000 // of the first
)

// fillSoak puts the domains of the soak into the table, of generation 0.
func (s *site) fillSoak(t testing.TB) {
	t.Helper()
	pairs := make([]certfiles.Pair, 16)
	for i := range pairs {
		pairs[i] = certfiles.SelfSigned(t, fmt.Sprintf("soak%d.example.org", i))
	}
	rows := make([]mgm.Row, soakDomains)
	for i := range rows {
		rows[i] = s.row(fmt.Sprintf("soak%04d", i), fmt.Sprintf("127.0.0.1:%d", soakPort+i))
		rows[i].Certificate, rows[i].PrivateKey = pairs[i%len(pairs)].Certificate, pairs[i%len(pairs)].Key
		rows[i].CADir = "/gen/0"
	}
	s.put(t, rows...)
}

// A generation is what the table holds at one time: ca_dir of every row names
// it, and in odd ones every tenth row has no address, so that it is skipped.
type generation int

func (g generation) write(t testing.TB, db *sql.DB) {
	t.Helper()
	_, err := db.Exec(fmt.Sprintf(`UPDATE tls_mgm SET ca_dir = '/gen/%d', address =
		CASE WHEN %d %% 2 = 1 AND id %% 10 = 0 THEN '' ELSE '127.0.0.1:' || (%d + CAST(substr(domain, 5) AS INTEGER)) END
		WHERE domain LIKE 'soak%%'`, g, g, soakPort))
	if err != nil {
		t.Error(err)
	}
}

// domains is how many of the soak's domains the generation has.
func (g generation) domains() int {
	if g%2 == 1 {
		return soakDomains - soakDomains/10
	}
	return soakDomains
}

// A witness has seen generations, which never go back.
type witness struct{ last generation }

// see checks the ca_dirs of one moment: all of one generation, and all of it.
func (w *witness) see(dirs []string) error {
	if len(dirs) == 0 {
		return errors.New("no domain was seen")
	}
	n, err := strconv.Atoi(strings.TrimPrefix(dirs[0], "/gen/"))
	if err != nil {
		return err
	}
	g := generation(n)
	for _, dir := range dirs {
		if dir != dirs[0] {
			return fmt.Errorf("a torn list: %s and %s", dirs[0], dir)
		}
	}
	if len(dirs) != g.domains() {
		return fmt.Errorf("generation %d has %d domains, want %d", g, len(dirs), g.domains())
	}
	if g < w.last {
		return fmt.Errorf("generation %d after %d", g, w.last)
	}
	w.last = g
	return nil
}

// seeList has a client list the domains.
func (w *witness) seeList(ctx context.Context, c *mi.Client) error {
	answer, err := c.Call(ctx, "tls_list", nil)
	if err != nil {
		return err
	}
	var list struct {
		Domains []struct {
			Name  string
			CADir string `json:"CA_DIR"`
		}
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return err
	}
	var dirs []string
	for _, d := range list.Domains {
		if strings.HasPrefix(d.Name, "soak") {
			dirs = append(dirs, d.CADir)
		}
	}
	return w.see(dirs)
}

// seeLookups finds every domain by its address.
func (w *witness) seeLookups(domains *mgm.Domains) error {
	var dirs []string
	for i := range soakDomains {
		d := domains.FindServer(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(soakPort+i)))
		if d == nil || d.Context == nil {
			return fmt.Errorf("no domain at port %d", soakPort+i)
		}
		if !d.Default {
			dirs = append(dirs, d.CADir.Value)
		}
	}
	return w.see(dirs)
}

// TestSoak has readers list and look up domains without pause while the table
// changes and is reloaded: no list is torn, no read fails, and memory does not
// grow. TestMain sees to it that no goroutine is left.
func TestSoak(t *testing.T) {
	s := newSite(t)
	s.fillSoak(t)
	service, url := s.run(t, Options{})
	s.log.discard()
	db, err := sql.Open("sqlite3", s.path("tls.db")+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var readers sync.WaitGroup
	var lists, lookups atomic.Int64
	read := func(count *atomic.Int64, see func(w *witness) error) {
		readers.Go(func() {
			var w witness
			for ctx.Err() == nil {
				if err := see(&w); err != nil {
					t.Error(err)
					return
				}
				count.Add(1)
			}
		})
	}
	for range 2 {
		c := client(t, url)
		read(&lists, func(w *witness) error { return w.seeList(context.WithoutCancel(ctx), c) })
	}
	read(&lookups, func(w *witness) error { return w.seeLookups(service.reloader.registry.Domains()) })

	c := client(t, url)
	var reloads generation
	var heapBefore uint64
	begun := time.Now()
	// A slow machine takes longer to do enough.
	const enough = 4
	for !t.Failed() && (time.Since(begun) < soakTime(t) || reloads < enough || lists.Load() < enough || lookups.Load() < enough) {
		reloads++
		reloads.write(t, db)
		switch {
		case reloads%5 == 0:
			if _, err := service.reloader.reload(context.WithoutCancel(ctx), mgm.ReloadOptions{Files: true}, "soak"); err != nil {
				t.Error(err)
			}
		default:
			call(t, c, "tls_reload", nil, nil)
		}
		if heapBefore == 0 && time.Since(begun) > soakTime(t)/3 {
			heapBefore = heap()
		}
	}
	stop()
	readers.Wait()
	t.Logf("%d reloads, %d lists, %d times all lookups", reloads, lists.Load(), lookups.Load())
	const slack = 16 << 20
	if after := heap(); heapBefore != 0 && after > heapBefore+slack {
		t.Errorf("the heap grew from %d to %d bytes", heapBefore, after)
	}
}

// heap is what is still used.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // the first one leaves what finalizers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestLockedDatabase takes SQLite's file away from a reload: it fails, the
// domains stay, and the next one works.
func TestLockedDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for SQLite's lock")
	}
	s := newSite(t)
	s.fillSoak(t)
	_, url := s.run(t, Options{})
	c := client(t, url)
	db, err := sql.Open("sqlite3", s.path("tls.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	_, err = c.Call(t.Context(), "tls_reload", map[string]int{"report": 1})
	if e, ok := errors.AsType[*mi.Error](err); !ok || !strings.Contains(e.Data, "locked") {
		t.Errorf("error %v", err)
	}
	if err := (&witness{}).seeList(t.Context(), c); err != nil {
		t.Error(err)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	call(t, c, "tls_reload", nil, nil)
}

// TestLostDatabase cuts the connection to a server in the middle of a result,
// and then the server is away: the domains stay, and the next reload works.
func TestLostDatabase(t *testing.T) {
	for _, name := range []string{"mysql", "postgres"} {
		t.Run(name, func(t *testing.T) {
			d := databases()[name](t)
			_, rest, _ := strings.Cut(d.url, "@")
			address, _, _ := strings.Cut(rest, "/")
			p := newProxy(t, address)
			db, err := sql.Open(d.driver, d.dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			suffix := fmt.Sprintf("_%08x", rand.Uint32())
			defer func() {
				for _, table := range []string{"tls_mgm", "version"} {
					if _, err := db.Exec("DROP TABLE IF EXISTS " + table + suffix); err != nil {
						t.Error(err)
					}
				}
			}()
			s := newSiteOn(t, strings.Replace(d.url, address, p.address, 1), d.module,
				`db_version_table="version`+suffix+`"`, `modparam("tls_mgm", "db_table", "tls_mgm`+suffix+`")`)
			s.fillSoak(t)
			_, url := s.run(t, Options{})
			c := client(t, url)
			fails := func(what string) {
				t.Helper()
				if _, err := c.Call(t.Context(), "tls_reload", nil); err == nil {
					t.Errorf("%s: the reload went well", what)
				}
				if err := (&witness{}).seeList(t.Context(), c); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			const middle = 300 << 10
			p.cutAfter(middle)
			fails("cut in the middle")
			p.cutAfter(0)
			fails("no answer at all")
			p.restore()
			call(t, c, "tls_reload", nil, nil)
			if err := (&witness{}).seeList(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
}
