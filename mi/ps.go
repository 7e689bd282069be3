package mi

import (
	"context"
	"strconv"
)

// Process is one process of the server.
type Process struct {
	ID   int    // from 0
	PID  int    // of the operating system
	Type string // what it does, "attendant" for the first
}

// PS is the command that lists the server's processes.
func PS(processes func() []Process) Command {
	return Command{
		Name:   "ps",
		Module: "core",
		Help:   "lists the processes of the server",
		Run: func(context.Context, Request) (Result, error) {
			return processList(processes()), nil
		},
	}
}

// processList has attributes in 2.x, which no other answer has.
type processList []Process

func (list processList) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"Processes":[`...)
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(append(dst, `{"ID":`...), int64(p.ID), 10)
		dst = strconv.AppendInt(append(dst, `,"PID":`...), int64(p.PID), 10)
		dst = append(appendText(dst, `,"Type":`, p.Type), '}')
	}
	return append(dst, "]}"...)
}

func (list processList) AppendTree(dst []byte) []byte {
	dst = append(dst, `{"Process": [`...)
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendText(dst, `{"attributes":{"ID": `, strconv.Itoa(p.ID))
		dst = appendText(dst, `, "PID": `, strconv.Itoa(p.PID))
		dst = append(appendText(dst, `, "Type": `, p.Type), "}}"...)
	}
	return append(dst, "]}"...)
}
