package route

import (
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// isPeerVerified is is_peer_verified (manual 1.6.1).
func isPeerVerified(r *run, _ *callSite, _ []pv.Value) int {
	return codeOf(r.scope.TLS != nil && variables.PeerVerified(r.scope.TLS))
}

func isMethod(r *run, _ *callSite, args []pv.Value) int {
	method := r.message.Method()
	for name := range strings.SplitSeq(textOf(arg(args, 0)), "|") {
		if strings.EqualFold(strings.TrimSpace(name), method) {
			return codeOK
		}
	}
	return codeFalse
}

func hasToTag(r *run, _ *callSite, _ []pv.Value) int { return codeOf(r.message.To().Tag != "") }

func isPresent(r *run, _ *callSite, args []pv.Value) int {
	return codeOf(len(r.message.Headers(textOf(arg(args, 0)))) > 0)
}

// The codes of mf_process_maxfwd_header.
const (
	maxForwardsAdded   = 2
	maxForwardsExpired = -1
	maxForwardsError   = -2
)

func maxForwards(r *run, _ *callSite, _ []pv.Value) int {
	headers := r.message.Headers("Max-Forwards")
	if len(headers) == 0 {
		return maxForwardsAdded
	}
	n, err := strconv.ParseUint(strings.TrimSpace(headers[0]), 10, 32)
	switch {
	case err != nil:
		return maxForwardsError
	case n == 0:
		return maxForwardsExpired
	}
	return codeOK
}

func isMyself(r *run, _ *callSite, args []pv.Value) int {
	port, _ := numberOf(arg(args, 1))
	return codeOf(r.program.self.is(textOf(arg(args, 0)), uint16(port)))
}

func appendHeader(r *run, _ *callSite, args []pv.Value) int {
	record(&r.result.Headers, headerLine(arg(args, 0)))
	return codeOK
}

func appendToReply(r *run, _ *callSite, args []pv.Value) int {
	record(&r.replyHeaders, headerLine(arg(args, 0)))
	return codeOK
}

// headerLine is a header without the end of its line.
func headerLine(v pv.Value) string { return strings.TrimRight(textOf(v), "\r\n") }
