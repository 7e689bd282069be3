package mi

import "context"

// Help is the command that says what a command is for, in the form of 3.x.
func Help() Command {
	return Command{
		Name:   "help",
		Module: "core",
		Help:   "says what a command does and which module it belongs to",
		Params: []Param{{Name: "mi_cmd", Optional: true}},
		Run:    runHelp,
	}
}

func runHelp(_ context.Context, req Request) (Result, error) {
	name := req.Name
	if req.Has("mi_cmd") {
		name = req.Text("mi_cmd")
	}
	cmd, ok := req.Commands.Lookup(name)
	if !ok {
		return nil, unknownCommand()
	}
	return Object{
		{"Help", String(cmd.Help)},
		{"Exported by", String(cmd.Module)},
	}, nil
}
