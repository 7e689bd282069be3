package mi

import (
	"errors"
	"fmt"
	"strconv"
)

// The codes of JSON-RPC 2.0, and CodeFailed, with which OpenSIPS reports that
// a command itself failed.
const (
	CodeParseError     = -32700
	CodeInvalidRequest = -32600
	CodeMethodNotFound = -32601
	CodeInvalidParams  = -32602
	CodeFailed         = 500
)

// Error is a request's failure as the client sees it. A command returns one to
// choose code and text; any other error of a command is answered as
// "Internal server error" and its text goes to the log alone.
type Error struct {
	Code    int
	Message string
	Data    string // more about it, JSON-RPC only; empty: left out
	Cause   error  // for the log, never sent
}

func (e *Error) Error() string {
	if e.Data == "" {
		return fmt.Sprintf("%s (code %d)", e.Message, e.Code)
	}
	return fmt.Sprintf("%s: %s (code %d)", e.Message, e.Data, e.Code)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// asError finds what to tell the client of a command's error.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: CodeFailed, Message: "Internal server error", Cause: err}
}

func parseError(data string) *Error {
	return &Error{Code: CodeParseError, Message: "Parse error", Data: data}
}

func invalidRequest(data string) *Error {
	return &Error{Code: CodeInvalidRequest, Message: "Invalid Request", Data: data}
}

func methodNotFound() *Error {
	return &Error{Code: CodeMethodNotFound, Message: "Method not found"}
}

func invalidParams(data string) *Error {
	return &Error{Code: CodeInvalidParams, Message: "Invalid params", Data: data}
}

// appendJSON appends the value of the member "error" of a JSON-RPC response.
func (e *Error) appendJSON(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"code":`...), int64(e.Code), 10)
	dst = appendText(dst, `,"message":`, e.Message)
	if e.Data != "" {
		dst = appendText(dst, `,"data":`, e.Data)
	}
	return append(dst, '}')
}

// appendTree appends the document with which 2.x reports an error. It has its
// own codes for what JSON-RPC has numbers for.
func (e *Error) appendTree(dst []byte) []byte {
	code, message := e.Code, e.Message
	switch e.Code {
	case CodeMethodNotFound:
		code, message = 500, "Command not found"
	case CodeInvalidParams:
		code, message = 400, e.Data
		if e.Data == wrongParamCount {
			message = "Too few or too many arguments"
		}
	}
	dst = strconv.AppendInt(append(dst, `{"error": {"code": `...), int64(code), 10)
	dst = appendText(dst, `, "message": `, message)
	return append(dst, "}}"...)
}
