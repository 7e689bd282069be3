package sqlstore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SchemaError says that the database does not have the tables or columns that
// are asked of it: what was expected, what was found and what to do.
type SchemaError struct {
	Table    string
	Expected string
	Found    string
	Remedy   string
	Err      error // the database's own error, nil if it gave none
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("table %q: expected %s, found %s: %s", e.Table, e.Expected, e.Found, e.Remedy)
}

func (e *SchemaError) Unwrap() error { return e.Err }

func (s *Store) noVersionTable(err error) error {
	return &SchemaError{
		Table:    s.versionTable,
		Expected: "a version table",
		Found:    "none (" + err.Error() + ")",
		Remedy:   "create OpenSIPS's tables in this database, or correct db_url or db_version_table",
		Err:      err,
	}
}

// wrongVersion says what a number other than the expected one means.
func (s *Store) wrongVersion(found *int64) error {
	e := &SchemaError{Table: s.table, Expected: fmt.Sprintf("version %d", s.schemaVersion)}
	switch {
	case found == nil:
		e.Found = fmt.Sprintf("no row for it in table %q", s.versionTable)
		e.Remedy = "create the table with its version row, or correct db_table"
	case *found < int64(s.schemaVersion):
		e.Found = fmt.Sprintf("version %d", *found)
		e.Remedy = "migrate the database to the schema of the OpenSIPS version that reads it"
	default:
		e.Found = fmt.Sprintf("version %d", *found)
		e.Remedy = "it was made for a newer OpenSIPS: choose the version that reads it, or another database"
	}
	return e
}

func (s *Store) noTable(err error) error {
	return &SchemaError{
		Table:    s.table,
		Expected: "a table of that name",
		Found:    "none (" + err.Error() + ")",
		Remedy:   "create it, or correct db_table or db_url",
		Err:      err,
	}
}

func (s *Store) noColumns(absent, present []string, err error) error {
	return &SchemaError{
		Table:    s.table,
		Expected: "the columns " + quotedList(absent),
		Found:    "only " + quotedList(present),
		Remedy:   "add them, or name them by tls_mgm's column parameters (domain_col and so on)",
		Err:      err,
	}
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}

// Key is what must be unique in the table: a name may be a client domain's
// and a server domain's.
type Key struct {
	Domain string
	Type   int64 // 0 both, 1 client, 2 server
}

func (k Key) String() string { return fmt.Sprintf("%q (type %d)", k.Domain, k.Type) }

// ExistsError says that an import would overwrite rows and was not told to.
type ExistsError struct {
	Keys []Key // in the order of the import
}

func (e *ExistsError) Error() string {
	const shown = 5
	var names []string
	for _, key := range e.Keys[:min(shown, len(e.Keys))] {
		names = append(names, key.String())
	}
	if more := len(e.Keys) - shown; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return "nothing imported: the table has " + strings.Join(names, ", ") + " already"
}

// explain makes a driver's error fit to be shown: with the dialect's advice,
// on one line and without the password.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if advice := s.dialect.advice(err); advice != "" {
		text += " (" + advice + ")"
	}
	if s.url.password != "" {
		text = strings.ReplaceAll(text, s.url.password, "xxxxx")
	}
	return reword(err, oneLine(text))
}

// oneLine joins lines that may be indented and repeated, as pgx has them
// for the addresses and encryptions it tried.
func oneLine(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	head, rest := lines[0], slices.Compact(lines[1:])
	if len(rest) == 0 {
		return head
	}
	return head + " " + strings.Join(rest, "; ")
}

// failed says what was being done, and where.
func (s *Store) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, s, err)
}

// reword gives an error another text. Its causes are still found by errors.Is
// and errors.As, but not by unwrapping: their texts may have the password.
func reword(err error, text string) error {
	if text == err.Error() {
		return err
	}
	return &rewordedError{text: text, cause: err}
}

type rewordedError struct {
	text  string
	cause error
}

func (e *rewordedError) Error() string { return e.text }

func (e *rewordedError) Is(target error) bool { return errors.Is(e.cause, target) }

func (e *rewordedError) As(target any) bool { return errors.As(e.cause, target) }
