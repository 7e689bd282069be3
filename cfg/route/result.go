package route

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// End says how a run ended.
type End string

// The ways in which a run ends.
const (
	EndOfRoute End = "end"   // the route came to its end, or to a return
	EndExit    End = "exit"  // exit, or an action with the code 0
	EndDrop    End = "drop"  // drop
	EndLimit   End = "limit" // a limit of the run, see [Options]
	EndError   End = "error" // something that no server starts with
)

// Result is what a run did.
type Result struct {
	End  End   `json:"end"`
	Code int64 `json:"code"` // what the route returned
	// Message says for EndLimit and EndError what happened, with file:line.
	Message string   `json:"message,omitempty"`
	At      Position `json:"at,omitzero"` // of Message

	Relays  []Relay  `json:"relays,omitempty"`
	Replies []Reply  `json:"replies,omitempty"`
	Logs    []Log    `json:"logs,omitempty"`
	Stubs   []Stub   `json:"stubs,omitempty"`
	Headers []string `json:"headers,omitempty"` // that were appended to the request
	// Warnings are what a server logs about a script as it runs: comparisons of
	// a text with a number, divisions by 0, loops that were cut. The first of
	// each place are here.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Log is a line that the script logged.
type Log struct {
	At    Position `json:"at"`
	Level Level    `json:"level"`
	Text  string   `json:"text"`
}

// Level is a level of the log as OpenSIPS counts them.
type Level int

// The levels.
const (
	Alert    Level = -3
	Critical Level = -2
	Error    Level = -1
	Warn     Level = 1
	Notice   Level = 2
	Info     Level = 3
	Debug    Level = 4
)

// levels are the levels by the letter that xlog looks at, the one after "L_".
var levels = map[byte]Level{'A': Alert, 'C': Critical, 'E': Error, 'W': Warn, 'N': Notice, 'I': Info, 'D': Debug}

var levelNames = map[Level]string{
	Alert: "L_ALERT", Critical: "L_CRIT", Error: "L_ERR", Warn: "L_WARN", Notice: "L_NOTICE", Info: "L_INFO", Debug: "L_DBG",
}

// String is the name of the level, such as "L_INFO".
func (l Level) String() string {
	switch {
	case l < Alert:
		l = Alert
	case l == 0:
		l = Error
	case l > Debug:
		l = Debug
	}
	return levelNames[l]
}

// MarshalText writes the name of the level.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (l *Level) UnmarshalText(text []byte) error {
	for level, name := range levelNames {
		if name == string(text) {
			*l = level
			return nil
		}
	}
	return fmt.Errorf("unknown level %q: expected one such as L_INFO", text)
}

// Reply is a reply that the script sends.
type Reply struct {
	At       Position `json:"at"`
	Function string   `json:"function"`
	Code     int      `json:"code"`
	Reason   string   `json:"reason"`
	Headers  []string `json:"headers,omitempty"` // of append_to_reply, without the line ends
}

// Stub is a call of a function that is not run for real.
type Stub struct {
	At       Position `json:"at"`
	Function string   `json:"function"`
	Args     []string `json:"args,omitempty"`
	Code     int      `json:"code"` // 1 or what was assumed
}

// Warning is a problem of the script that does not end a run.
type Warning struct {
	At      Position `json:"at"`
	Message string   `json:"message"`
}

// Position is a place in the script.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func positionOf(p diag.Position) Position { return Position{p.File, p.Line, p.Column} }

// String is file:line:column.
func (p Position) String() string {
	return diag.Position{File: p.File, Line: p.Line, Column: p.Column}.String()
}
