package cfg

import "github.com/opensips-tools/tlsmgm/parser/diag"

// Rules are the findings of this package, those of the parser not included.
func Rules() []*diag.Rule { return readRules }

// readRules is filled by newRule while the package is initialised, and not
// changed after that.
var readRules []*diag.Rule

func newRule(id string, severity diag.Severity, doc string) *diag.Rule {
	r := &diag.Rule{ID: id, Stage: diag.Read, Severity: severity, Doc: doc}
	readRules = append(readRules, r)
	return r
}

var (
	ruleUnknownGlobal = newRule("unknown-global", diag.Error,
		"A global parameter that the version does not have.")
	ruleRefusedGlobal = newRule("refused-global", diag.Error,
		"A global parameter of earlier versions that this one refuses.")
	ruleDeprecatedGlobal = newRule("deprecated-global", diag.Warning,
		"A global parameter that still works but is on its way out.")
	ruleGlobalValue = newRule("global-value", diag.Error,
		"A global parameter has a value that the server refuses.")
	ruleProtocol = newRule("unknown-protocol", diag.Error,
		"A socket begins with a protocol that the version does not know.")
	ruleAddress = newRule("bad-address", diag.Error,
		"An address that is none: a number of an IPv4 address is above 255, or an IPv6 address or a netmask is malformed.")
	ruleUnknownModule = newRule("unknown-module", diag.Error,
		"A module that the version does not have, or a name that is none of a module file.")
	ruleLoadedTwice = newRule("loaded-twice", diag.Error,
		"A module is loaded a second time.")
	ruleModulePath = newRule("module-path", diag.Notice,
		"Module files are not looked for. Without mpath a server finds only modules with a full path.")
	ruleModuleNotLoaded = newRule("module-not-loaded", diag.Error,
		"A modparam is for a module that is not loaded before it.")
	ruleModuleRegex = newRule("module-regex", diag.Error,
		"The module name of a modparam is a regular expression that cannot be read.")
	ruleUnknownParam = newRule("unknown-parameter", diag.Error,
		"A parameter that the module does not have in the version.")
	ruleParamType = newRule("parameter-type", diag.Error,
		"A parameter is given a number where it takes a string, or the other way round.")
	ruleParamValue = newRule("parameter-value", diag.Error,
		"A module refuses the value of one of its parameters.")
	ruleUndefinedDomain = newRule("undefined-domain", diag.Error,
		"A [domain] prefix names a TLS domain that is not defined before it.")
	ruleDuplicateDomain = newRule("duplicate-domain", diag.Error,
		"A TLS domain is defined a second time with the same kind and name.")
	ruleDependency = newRule("missing-dependency", diag.Error,
		"A loaded module, or a parameter that is set, needs another module.")
	ruleSoftDependency = newRule("missing-companion", diag.Warning,
		"A loaded module works better together with another one.")
	ruleNoTransport = newRule("no-transport", diag.Error,
		"No module for a transport protocol is loaded.")
	ruleNoProtocolModule = newRule("no-protocol-module", diag.Error,
		"A socket has a protocol whose module is not loaded.")
	ruleHostName = newRule("host-name", diag.Notice,
		"A socket is on a host name or an interface, which only the server's machine can resolve.")
	ruleDuplicateRoute = newRule("duplicate-route", diag.Error,
		"A route is defined a second time.")
	ruleTooManyRoutes = newRule("too-many-routes", diag.Error,
		"There are more routes of a kind than the server has room for.")
	ruleUnknownFunction = newRule("unknown-function", diag.Error,
		"A function that no loaded module has, or not with that number of arguments.")
	ruleFunctionRoute = newRule("function-route", diag.Error,
		"A function is called in a kind of route that it cannot be called from.")
	ruleArgument = newRule("argument", diag.Error,
		"An argument that the server refuses while reading.")
	ruleUnknownVariable = newRule("unknown-variable", diag.Error,
		"A script variable that neither the core nor a loaded module has, or one that is malformed.")
	ruleReadOnly = newRule("read-only", diag.Error,
		"An assignment to what cannot be assigned to.")
)
