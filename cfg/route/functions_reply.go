package route

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
)

// The codes of replies.
const (
	lowestReply  = 100
	highestReply = 699
	serverError  = 500
)

func sendReply(r *run, site *callSite, args []pv.Value) int {
	code, ok := numberOf(arg(args, 0))
	if !ok || code < lowestReply || code > highestReply {
		r.warn(site.site, "%s is no code of a reply", quoted(arg(args, 0).String()))
		return codeFalse
	}
	return r.reply(site, int(code), textOf(arg(args, 1)))
}

// replyError is sl_reply_error, whose reply is about the last error of the server.
func replyError(r *run, site *callSite, _ []pv.Value) int {
	return r.reply(site, serverError, "Server error occurred (1/SL)")
}

// reply records a reply, and sends it if there is someone to. An ACK has none.
func (r *run) reply(site *callSite, code int, reason string) int {
	if m := r.message; !m.IsRequest() || m.Method() == "ACK" {
		r.warn(site.site, "%s: there is no reply to an ACK or a reply", site.name)
		return codeFalse
	}
	reply := Reply{
		At: positionOf(site.at), Function: site.name, Code: code, Reason: reason, Headers: slices.Clone(r.replyHeaders),
	}
	record(&r.result.Replies, reply)
	if r.tracer != nil {
		r.trace(site.site, len(r.reads), Event{Kind: KindReply, Reply: &reply})
	}
	if r.env.Replier == nil {
		return codeOK
	}
	if err := r.env.Replier.Reply(reply); err != nil {
		r.warn(site.site, "the reply could not be sent: %v", err)
		return codeFalse
	}
	return codeOK
}
