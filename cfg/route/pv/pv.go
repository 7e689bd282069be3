// Package pv has the variables of the script: their values, transformations, and
// texts with variables in them. [Compile] and [CompileFormat] make closures of
// them once; running those reads nothing of the script again, but for what a
// script makes at run time, such as the text of {s.eval}.
package pv

import (
	"net/netip"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Scope is what the variables of one run of a route are read from and written to.
// One run uses it at a time.
type Scope struct {
	Version catalogue.Version
	Message *sipmsg.Message    // nil where a route runs without one
	TLS     *variables.Session // nil if the message did not come over TLS
	Proto   string             // "tls", "udp", …
	Source  netip.AddrPort     // where the message came from
	Socket  netip.AddrPort     // where it was received

	Request    Request // what the script changes of the request
	Params     []Value // of the route call that runs, $param
	ReturnCode int64   // $rc
	File       string  // $cfg_file
	Line       int     // $cfg_line
	RouteType  string  // $rT: "request_route", "onreply_route", …; empty for none
	MessageID  int64   // $mi

	Flags       []string // names of the message flags that are set, $mf
	BranchFlags []string // the same of the branch, $bf
	Failure     Failure  // $err.…, for an error_route
	LogLevel    Level    // $log_level
	XlogLevel   Level    // $xlog_level

	Now     func() time.Time // the clock; time.Now if nil
	Started time.Time        // $TS; when the program started, if zero

	vars       names[Value]
	avps       names[[]Value] // the newest last
	evaluating bool           // within {s.eval}
	cache      cache
}

// Request is what a script may change of a request.
type Request struct {
	URI         string // $ru; empty for that of the message
	Destination string // $du, empty for none
	Path        string // $path, empty for none
	Socket      string // $fs, as "proto:address:port"; empty for none
	Q           int64  // $ru_q, in thousandths, if HasQ
	HasQ        bool
	Branches    []Branch // $branch
}

// Branch is a further branch of a request.
type Branch struct {
	URI, Destination, Path, Socket string // empty for none, but for URI
	Q                              int64  // in thousandths, if HasQ
	HasQ                           bool
	Flags                          int64
}

// Failure is the error that an error_route handles.
type Failure struct {
	Class, Level, Code int64
	Info, Reason       string // empty for none
}

// Level is a log level that a script may change for a while.
type Level struct {
	Configured int64 // by the script's settings
	Changed    int64 // by the route, if IsChanged
	IsChanged  bool
}

// Value is the level that is in force.
func (l Level) Value() int64 {
	if l.IsChanged {
		return l.Changed
	}
	return l.Configured
}

// Variable is a variable that is ready to be read and written.
type Variable struct {
	Raw string // as the script has it
	// Get reads it.
	Get func(*Scope) Value
	// Set writes it, as = does; nil if it cannot be written.
	Set func(*Scope, Value) error
	// Replace writes it as := does: an $avp loses the values that it has. Nil if
	// there is no difference to Set.
	Replace func(*Scope, Value) error
}

// maxKept is for how many names of $avp the memory is kept.
const maxKept = 256

// Reset makes the scope ready for another message: it keeps nothing but the
// memory of $var and $avp. (A real server keeps the $var of one process from one
// message to the next, which no script can rely on.)
func (s *Scope) Reset() {
	vars, avps, headers := s.vars, s.avps, s.cache.headers
	vars.reset()
	clear(headers)
	if len(avps.list) > maxKept {
		avps.reset() // names that the script made
	}
	for i := range avps.list {
		values := &avps.list[i].value
		clear(*values)
		*values = (*values)[:0]
	}
	*s = Scope{vars: vars, avps: avps}
	s.cache.headers = headers[:0]
}

func (s *Scope) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// processStart is when the program started, for $TS.
var processStart = time.Now()

func (s *Scope) started() time.Time {
	if s.Started.IsZero() {
		return processStart
	}
	return s.Started
}
