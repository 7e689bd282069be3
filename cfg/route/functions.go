package route

import (
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
)

// A function is one that is run for real. Its code is positive for true, negative
// for false.
type function struct {
	names []string // that it goes by
	args  string   // what it takes, for the documentation
	doc   string   // what it does, a sentence
	do    func(r *run, site *callSite, args []pv.Value) int
	// flagged says that letters may stand behind a variable, as in "$avp(x)/g".
	flagged bool
}

// functions are all functions that are run for real: to add one, add its row.
// What is not here is a stub.
var functions = []function{
	{names: []string{"is_peer_verified"}, args: "", doc: "Says whether the message came over TLS from a peer whose certificate was verified.", do: isPeerVerified},

	{names: []string{"t_relay"}, args: "[flags,] [proto:host:port]", doc: "Records where the request would go, by which client domain.", do: relay},
	{names: []string{"forward"}, args: "[proto:host:port]", doc: "As t_relay.", do: relay},
	{names: []string{"send"}, args: "proto:host:port [, headers]", doc: "As t_relay.", do: sendTo},
	{names: []string{"send_reply", "sl_send_reply", "t_reply"}, args: "code, reason", doc: "Sends a reply.", do: sendReply},
	{names: []string{"sl_reply_error"}, args: "", doc: "Sends a reply about an internal error.", do: replyError},

	{names: []string{"append_hf", "insert_hf"}, args: "header [, where]", doc: "Records a header for the request.", do: appendHeader},
	{names: []string{"append_to_reply"}, args: "header", doc: "Puts a header into the replies that follow.", do: appendToReply},
	{names: []string{"remove_hf"}, args: "name", doc: "Says whether the request has the header; nothing is removed.", do: isPresent},
	{names: []string{"is_present_hf"}, args: "name", doc: "Says whether the request has the header.", do: isPresent},
	{names: []string{"is_method"}, args: "names", doc: "Says whether the method is one of those, with | between them.", do: isMethod},
	{names: []string{"has_totag"}, args: "", doc: "Says whether the To header has a tag.", do: hasToTag},
	{names: []string{"mf_process_maxfwd_header"}, args: "max", doc: "Looks at Max-Forwards: 1 if it is above 0, 2 if there is none, -1 if it is 0.", do: maxForwards},
	{names: []string{"is_myself"}, args: "host [, port]", doc: "Says whether that is one of this server's sockets, aliases or domains.", do: isMyself},

	{names: []string{"setflag"}, args: "flag", doc: "Sets a flag of the message.", do: flagSetter(messageFlag, true)},
	{names: []string{"resetflag"}, args: "flag", doc: "Resets it.", do: flagSetter(messageFlag, false)},
	{names: []string{"isflagset"}, args: "flag", doc: "Says whether it is set.", do: flagTest(messageFlag)},
	{names: []string{"setsflag"}, args: "flag", doc: "Sets a flag of the script.", do: flagSetter(scriptFlag, true)},
	{names: []string{"resetsflag"}, args: "flag", doc: "Resets it.", do: flagSetter(scriptFlag, false)},
	{names: []string{"issflagset"}, args: "flag", doc: "Says whether it is set.", do: flagTest(scriptFlag)},
	{names: []string{"setbflag", "setbranchflag"}, args: "[branch,] flag", doc: "Sets a flag of a branch.", do: flagSetter(branchFlag, true)},
	{names: []string{"resetbflag", "resetbranchflag"}, args: "[branch,] flag", doc: "Resets it.", do: flagSetter(branchFlag, false)},
	{names: []string{"isbflagset", "isbranchflagset"}, args: "[branch,] flag", doc: "Says whether it is set.", do: flagTest(branchFlag)},

	{names: []string{"seturi", "rewriteuri"}, args: "uri", doc: "Sets the request URI.", do: setURI},
	{names: []string{"sethost", "seth", "rewritehost"}, args: "host", doc: "Sets its host.", do: uriSetter(setHost)},
	{names: []string{"sethostport", "sethp", "rewritehostport"}, args: "host:port", doc: "Sets its host and port.", do: uriSetter(setHostPort)},
	{names: []string{"setport", "setp", "rewriteport"}, args: "port", doc: "Sets its port.", do: uriSetter(setPort)},
	{names: []string{"setuser", "setu", "rewriteuser"}, args: "user", doc: "Sets its user.", do: uriSetter(setUser)},
	{names: []string{"setuserpass", "setup", "rewriteuserpass"}, args: "user:password", doc: "Sets its user and password.", do: uriSetter(setUserPassword)},
	{names: []string{"prefix"}, args: "text", doc: "Puts a text before the user.", do: uriSetter(prefixUser)},
	{names: []string{"strip"}, args: "number", doc: "Takes characters from the start of the user.", do: uriSetter(stripUser)},
	{names: []string{"strip_tail"}, args: "number", doc: "Takes characters from the end of the user.", do: uriSetter(stripUserTail)},
	{names: []string{"revert_uri"}, args: "", doc: "Takes the request URI back to what came in.", do: revertURI},
	{names: []string{"setdsturi", "setduri"}, args: "uri", doc: "Sets the destination, $du.", do: setDestination},
	{names: []string{"resetdsturi", "resetduri"}, args: "", doc: "Resets it.", do: resetDestination},
	{names: []string{"isdsturiset", "isduriset"}, args: "", doc: "Says whether it is set.", do: isDestinationSet},

	{names: []string{"avp_printf", "pv_printf"}, args: "variable, text", doc: "Sets a variable to a text with variables.", do: printf},
	{names: []string{"avp_delete"}, args: "avp", doc: "Deletes an AVP, all of its values with /g.", do: avpDelete, flagged: true},
	{names: []string{"is_avp_set"}, args: "avp", doc: "Says whether an AVP has a value.", do: isAVPSet, flagged: true},
}

// noops are functions of the core that have no effect here and return 1.
var noops = []string{
	"append_branch", "remove_branch", "force_rport", "add_rport", "add_local_rport", "force_local_rport", "force_tcp_alias",
	"add_tcp_alias", "force_send_socket", "set_advertised_address", "set_advertised_port", "script_trace", "serialize_branches",
	"next_branches", "use_blacklist", "unuse_blacklist", "error",
}

var functionsByName = byName()

func byName() map[string]*function {
	all := map[string]*function{}
	for i := range functions {
		for _, name := range functions[i].names {
			all[name] = &functions[i]
		}
	}
	nothing := &function{do: func(*run, *callSite, []pv.Value) int { return codeOK }}
	for _, name := range noops {
		all[name] = nothing
	}
	return all
}

// arg is an argument, NULL if it is not given.
func arg(args []pv.Value, i int) pv.Value {
	if i < len(args) {
		return args[i]
	}
	return pv.Value{}
}

func codeOf(ok bool) int {
	if ok {
		return codeOK
	}
	return codeFalse
}
