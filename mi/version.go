package mi

import "context"

// Version is the command that names the program that serves, in the form
// "OpenSIPS (3.4.18 (x86_64/linux))" of a real server.
func Version(server string) Command {
	return Command{
		Name:   "version",
		Module: "core",
		Help:   "shows which server this is and its version",
		Run: func(context.Context, Request) (Result, error) {
			return Object{{"Server", String(server)}}, nil
		},
	}
}
