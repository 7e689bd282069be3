package cfg

import "github.com/opensips-tools/tlsmgm/parser/diag"

// Rules are the findings of this package, those of the parser not included.
func Rules() []*diag.Rule {
	return []*diag.Rule{
		ruleUnknownGlobal, ruleRefusedGlobal, ruleDeprecatedGlobal, ruleGlobalValue,
		ruleProtocol, ruleAddress, ruleHostName,
		ruleUnknownModule, ruleLoadedTwice, ruleModulePath,
		ruleModuleNotLoaded, ruleModuleRegex, ruleUnknownParam, ruleParamType, ruleParamValue, ruleParamAtStart,
		ruleUndefinedDomain, ruleDuplicateDomain,
		ruleDependency, ruleSoftDependency, ruleNoTransport, ruleNoProtocolModule,
		ruleDuplicateRoute, ruleTooManyRoutes,
		ruleUnknownFunction, ruleFunctionRoute, ruleArgument, ruleUnknownVariable, ruleReadOnly,
	}
}

// The rules about globals and sockets.
var (
	ruleUnknownGlobal = &diag.Rule{
		ID: "unknown-global", Stage: diag.Read, Severity: diag.Error,
		Doc: "A global parameter that the version does not have.",
	}
	ruleRefusedGlobal = &diag.Rule{
		ID: "refused-global", Stage: diag.Read, Severity: diag.Error,
		Doc: "A global parameter of earlier versions that this one refuses.",
	}
	ruleDeprecatedGlobal = &diag.Rule{
		ID: "deprecated-global", Stage: diag.Read, Severity: diag.Warning,
		Doc: "A global parameter that still works but is on its way out.",
	}
	ruleGlobalValue = &diag.Rule{
		ID: "global-value", Stage: diag.Read, Severity: diag.Error,
		Doc: "A global parameter has a value that the server refuses.",
	}
	ruleProtocol = &diag.Rule{
		ID: "unknown-protocol", Stage: diag.Read, Severity: diag.Error,
		Doc: "A socket begins with a protocol that the version does not know.",
	}
	ruleAddress = &diag.Rule{
		ID: "bad-address", Stage: diag.Read, Severity: diag.Error,
		Doc: "An address that is none: a number of an IPv4 address is above 255, or an IPv6 address or a netmask is malformed.",
	}
	ruleHostName = &diag.Rule{
		ID: "host-name", Stage: diag.Read, Severity: diag.Notice,
		Doc: "A socket is on a host name or an interface, which only the server's machine can resolve.",
	}
)

// The rules about modules and their parameters.
var (
	ruleUnknownModule = &diag.Rule{
		ID: "unknown-module", Stage: diag.Read, Severity: diag.Error,
		Doc: "A module that the version does not have, or a name that is none of a module file.",
	}
	ruleLoadedTwice = &diag.Rule{
		ID: "loaded-twice", Stage: diag.Read, Severity: diag.Error,
		Doc: "A module is loaded a second time.",
	}
	ruleModulePath = &diag.Rule{
		ID: "module-path", Stage: diag.Read, Severity: diag.Notice,
		Doc: "Module files are not looked for. Without mpath a server finds only modules with a full path.",
	}
	ruleModuleNotLoaded = &diag.Rule{
		ID: "module-not-loaded", Stage: diag.Read, Severity: diag.Error,
		Doc: "A modparam is for a module that is not loaded before it.",
	}
	ruleModuleRegex = &diag.Rule{
		ID: "module-regex", Stage: diag.Read, Severity: diag.Error,
		Doc: "The module name of a modparam is a regular expression that cannot be read.",
	}
	ruleUnknownParam = &diag.Rule{
		ID: "unknown-parameter", Stage: diag.Read, Severity: diag.Error,
		Doc: "A parameter that the module does not have in the version.",
	}
	ruleParamType = &diag.Rule{
		ID: "parameter-type", Stage: diag.Read, Severity: diag.Error,
		Doc: "A parameter is given a number where it takes a string, or the other way round.",
	}
	ruleParamValue = &diag.Rule{
		ID: "parameter-value", Stage: diag.Read, Severity: diag.Error,
		Doc: "A module refuses the value of one of its parameters.",
	}
	ruleParamAtStart = &diag.Rule{
		ID: "parameter-at-start", Stage: diag.Start, Severity: diag.Error,
		Doc: "A module takes a value while the server reads the script, and refuses it when the server starts.",
	}
	ruleUndefinedDomain = &diag.Rule{
		ID: "undefined-domain", Stage: diag.Read, Severity: diag.Error,
		Doc: "A [domain] prefix names a TLS domain that is not defined before it.",
	}
	ruleDuplicateDomain = &diag.Rule{
		ID: "duplicate-domain", Stage: diag.Read, Severity: diag.Error,
		Doc: "A TLS domain is defined a second time with the same kind and name.",
	}
)

// The rules about what the server checks when all is read. They are warnings
// where the script has other errors, since the server does not come that far.
var (
	ruleDependency = &diag.Rule{
		ID: "missing-dependency", Stage: diag.Read, Severity: diag.Error,
		Doc: "A loaded module, or a parameter that is set, needs another module.",
	}
	ruleSoftDependency = &diag.Rule{
		ID: "missing-companion", Stage: diag.Read, Severity: diag.Warning,
		Doc: "A loaded module works better together with another one.",
	}
	ruleNoTransport = &diag.Rule{
		ID: "no-transport", Stage: diag.Read, Severity: diag.Error,
		Doc: "No module for a transport protocol is loaded, or there is no socket for one.",
	}
	ruleNoProtocolModule = &diag.Rule{
		ID: "no-protocol-module", Stage: diag.Read, Severity: diag.Error,
		Doc: "A socket has a protocol whose module is not loaded.",
	}
)

// The rules about routes.
var (
	ruleDuplicateRoute = &diag.Rule{
		ID: "duplicate-route", Stage: diag.Read, Severity: diag.Error,
		Doc: "A route is defined a second time.",
	}
	ruleTooManyRoutes = &diag.Rule{
		ID: "too-many-routes", Stage: diag.Read, Severity: diag.Error,
		Doc: "There are more routes of a kind than the server has room for.",
	}
	ruleUnknownFunction = &diag.Rule{
		ID: "unknown-function", Stage: diag.Read, Severity: diag.Error,
		Doc: "A function that no loaded module has, or not with that number of arguments.",
	}
	ruleFunctionRoute = &diag.Rule{
		ID: "function-route", Stage: diag.Read, Severity: diag.Error,
		Doc: "A function is called in a kind of route that it cannot be called from.",
	}
	ruleArgument = &diag.Rule{
		ID: "argument", Stage: diag.Read, Severity: diag.Error,
		Doc: "An argument that the server refuses while reading.",
	}
	ruleUnknownVariable = &diag.Rule{
		ID: "unknown-variable", Stage: diag.Read, Severity: diag.Error,
		Doc: "A script variable that neither the core nor a loaded module has, or one that is malformed.",
	}
	ruleReadOnly = &diag.Rule{
		ID: "read-only", Stage: diag.Read, Severity: diag.Error,
		Doc: "An assignment to what cannot be assigned to.",
	}
)
