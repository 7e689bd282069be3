package cfg

import "github.com/opensips-tools/tlsmgm/cfg/catalogue"

// What the catalogue does not say about script variables. What is not certain
// is left out, and so taken as it stands.

// iterators are what for can go through a list with.
var iterators = []string{"var", "avp", "json"}

// writableCore are the core's variables that can be assigned to.
var writableCore = []string{
	"avp", "var", "branch", "du", "duri", "fs", "rd", "rp", "ru", "ruri", "rU", "ru_q", "ruri.domain", "ruri.user",
	"path", "log_level", "xlog_level", "socket_out", "msg.flag", "branch.flag",
}

// readOnlyOfModules are variables of modules that show the state of a
// transaction or a dialog.
var readOnlyOfModules = []string{
	"T_branch_idx", "T_reply_code", "T_ruri", "T_id", "DLG_count", "DLG_lifetime", "DLG_status", "DLG_dir",
	"DLG_did", "DLG_end_reason",
}

// innerNames are the variables that need a name in brackets, and those that
// take none.
var innerNames = map[string]bool{
	"avp": true, "hdr": true, "hdrcnt": true, "var": true, "param": true, "argv": true, "ct.fields": true, "C": true,
	"shv": true, "env": true, "bavp": true, "dlg_val": true, "stat": true,

	"Ri": false, "Rp": false, "ai": false, "ci": false, "cl": false, "cs": false, "cT": false, "dP": false, "dd": false,
	"di": false, "dp": false, "ds": false, "du": false, "duri": false, "err.class": false, "err.info": false,
	"err.level": false, "err.rcode": false, "err.rreason": false, "fU": false, "fd": false, "fn": false, "fs": false,
	"ft": false, "fu": false, "mb": false, "mi": false, "ml": false, "oP": false, "oU": false, "od": false, "op": false,
	"ou": false, "pd": false, "pn": false, "pp": false, "pr": false, "proto": false, "pU": false, "pu": false,
	"rP": false, "rT": false, "rU": false, "rc": false, "rd": false, "re": false, "retcode": false, "rm": false,
	"rp": false, "rr": false, "rs": false, "rt": false, "ru": false, "ru_q": false, "ruri": false, "si": false,
	"sp": false, "src_ip": false, "tU": false, "td": false, "tn": false, "tt": false, "tu": false, "ua": false,
	"T_branch_idx": false, "T_reply_code": false, "T_ruri": false,
}

// withoutIndex are variables that have one value.
var withoutIndex = []string{
	"var", "hdrcnt", "param", "Ri", "Rp", "ci", "cl", "cs", "cT", "dd", "dp", "du", "duri", "fU", "fd", "fn", "ft",
	"fu", "mb", "mi", "ml", "pr", "proto", "rU", "rc", "rd", "retcode", "rm", "rp", "rr", "rs", "ru", "ruri", "si", "sp",
	"src_ip", "tU", "td", "tn", "tt", "tu", "ua", "T_branch_idx", "T_reply_code", "T_ruri",
}

// lastFixedTransformations is the last version whose transformations are all in
// its core.
const lastFixedTransformations = catalogue.Version(2<<8 | 4)

// transformations are those of 2.x, by class; nil stands for any name.
var transformations = map[string][]string{
	"s": {
		"len", "int", "md5", "crc32", "substr", "select", "encode.hexa", "decode.hexa", "encode.7bit", "decode.7bit",
		"escape.common", "unescape.common", "escape.user", "unescape.user", "escape.param", "unescape.param", "tolower",
		"toupper", "index", "rindex", "fill.left", "fill.right", "width", "trim", "trimr", "triml", "dec2hex", "hex2dec",
		"b64encode", "b64decode", "xor", "reverse", "eval",
	},
	"uri":      nil,
	"via":      nil,
	"nameaddr": nil,
	"param":    nil,
	"csv":      nil,
	"sdp":      nil,
	"ip":       nil,
	"re":       nil,
}
