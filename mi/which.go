package mi

import "context"

// Which is the command that lists all names that can be called. Asked for one
// command it lists the sets of parameters that the command takes, which is
// what opensips-cli completes from.
func Which() Command {
	return Command{
		Name:   "which",
		Module: "core",
		Help:   "lists all commands, or the parameters of one",
		Params: []Param{{Name: "command", Optional: true}},
		Run:    runWhich,
	}
}

func runWhich(_ context.Context, req Request) (Result, error) {
	if !req.Has("command") {
		var names List
		for name := range req.Commands.Names() {
			names = append(names, String(name))
		}
		return names, nil
	}
	cmd, ok := req.Commands.Lookup(req.Text("command"))
	if !ok {
		return nil, unknownCommand()
	}
	return paramSets(cmd.Params), nil
}

func unknownCommand() *Error { return &Error{Code: 404, Message: "unknown MI command"} }

// paramSets lists the calls that are possible, shortest first: the required
// parameters alone, then one optional parameter more each time.
func paramSets(declared []Param) List {
	sets := List{}
	for n := 0; n <= len(declared); n++ {
		if n < len(declared) && !declared[n].Optional {
			continue
		}
		names := List{}
		for _, p := range declared[:n] {
			names = append(names, String(p.Name))
		}
		sets = append(sets, names)
	}
	return sets
}
