package live

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// calmed is a calm log with its lines.
func calmed(level slog.Level) (log *slog.Logger, flush func(), lines *logLines) {
	lines = &logLines{records: make(chan map[string]any, 1000)}
	log, flush = newCalm(slog.New(slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: level})))
	return log, flush, lines
}

// TestCalm lets a flood have few lines and counts the others.
func TestCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, flush, lines := calmed(slog.LevelDebug)
		defer flush()
		log = log.With("peer", "a")
		for range 3 { // windows
			for i := range 3 * calmLines {
				log.Warn("failed", "i", i)
				if i%calmLines == 0 {
					log.Info("other")
				}
			}
			time.Sleep(calmWindow)
			synctest.Wait()
		}
		count := map[any]int{}
		for len(lines.records) > 0 {
			line := lines.next(t)
			count[line["msg"]]++
			switch line["msg"] {
			case "failed":
				want(t, line, map[string]any{"peer": "a"})
			case "more lines like these were left out":
				want(t, line, map[string]any{"line": "failed", "count": 2.0 * calmLines, "level": "WARN", "peer": nil})
			}
		}
		if count["failed"] != 3*calmLines || count["other"] != 9 || count["more lines like these were left out"] != 3 || len(count) != 3 {
			t.Errorf("lines %v", count)
		}
		time.Sleep(calmWindow)
		synctest.Wait()
		if len(lines.records) > 0 {
			t.Errorf("and then %v", lines.next(t))
		}
	})
}

// TestCalmFlush tells at the end what was left out, once.
func TestCalmFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, flush, lines := calmed(slog.LevelInfo)
		for range calmLines + 2 {
			log.WithGroup("g").Info("x")
		}
		flush()
		flush()
		for range calmLines {
			want(t, lines.next(t), map[string]any{"msg": "x"})
		}
		want(t, lines.next(t), map[string]any{"count": 2.0, "level": "INFO"})
		if len(lines.records) > 0 {
			t.Errorf("and then %v", lines.next(t))
		}
	})
}

// TestCalmLevel leaves out what is for debugging.
func TestCalmLevel(t *testing.T) {
	log, flush, lines := calmed(slog.LevelDebug)
	log.Debug("x")
	log.Info("y")
	flush()
	want(t, lines.next(t), map[string]any{"msg": "y"})
	quiet, _, lines := calmed(slog.LevelWarn)
	quiet.Info("y")
	if len(lines.records) > 0 {
		t.Errorf("log %v", lines.next(t))
	}
}

// TestFlood has strangers make as many handshakes fail as they like.
func TestFlood(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, answering, Options{})
	p := dial(t, s.address(0), nil)
	for range 2 * calmLines {
		p.send(t, "OPTIONS sip:x SIP/2.0\r\nBroken\r\nContent-Length: 0\r\n\r\n")
	}
	if got := p.ask(t, request("OPTIONS", "sip:x", "c1")); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	refused, left := 0, 0.0
	for len(s.lines.records) > 0 {
		switch line := s.lines.next(t); line["msg"] {
		case "message refused":
			refused++
		case "more lines like these were left out":
			left += line["count"].(float64)
		}
	}
	// Another window may have begun meanwhile.
	if refused < calmLines || refused+int(left) != 2*calmLines {
		t.Errorf("%d lines, %v left out", refused, left)
	}
}
