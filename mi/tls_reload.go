package mi

import (
	"context"
	"errors"
)

// TLSReload is the command that reads the TLS domains of the database anew. A
// nil Result of reload is answered with OK. An error of reload that is not an
// *Error is answered with code 500, "Failed to reload", as OpenSIPS does.
func TLSReload(reload func(context.Context) (Result, error)) Command {
	return Command{
		Name:    "tls_reload",
		Aliases: []string{"tls_mgm:reload"},
		Module:  "tls_mgm",
		Help:    "reads the TLS domains of the database anew; those of the script stay",
		Run: func(ctx context.Context, _ Request) (Result, error) {
			result, err := reload(ctx)
			if err != nil {
				return nil, asReloadError(err)
			}
			if result == nil {
				return OK{}, nil
			}
			return result, nil
		},
	}
}

// NoDatabaseError is what tls_reload answers where no db_url is set.
func NoDatabaseError() *Error { return &Error{Code: CodeFailed, Message: "DB url not set"} }

func asReloadError(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: CodeFailed, Message: "Failed to reload", Cause: err}
}
