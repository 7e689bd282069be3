package parser

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Rules are the findings of this package.
func Rules() []*diag.Rule {
	return []*diag.Rule{
		ruleSyntax, ruleUnclosed, ruleInclude, ruleTooDeep, ruleTooMany,
		ruleImportSkipped, ruleIgnoredBytes, ruleCommentAtEnd, ruleUnclosedComment,
	}
}

var (
	ruleSyntax = &diag.Rule{
		ID: "syntax", Stage: diag.Read, Severity: diag.Error,
		Doc: "The text does not follow the grammar of the version.",
	}
	ruleUnclosed = &diag.Rule{
		ID: "unclosed", Stage: diag.Read, Severity: diag.Warning,
		Doc: "A string or a script variable is not closed before the end of the file. The server drops it without a word; if the statement around it is then incomplete, that is an error of its own.",
	}
	ruleInclude = &diag.Rule{
		ID: "include", Stage: diag.Read, Severity: diag.Error,
		Doc: "An included file cannot be read. The server stops reading there.",
	}
	ruleTooDeep = &diag.Rule{
		ID: "too-deep", Stage: diag.Read, Severity: diag.Error,
		Doc: "Brackets, blocks or conditions are nested deeper than the parser of the server can go.",
	}
	ruleTooMany = &diag.Rule{
		ID: "too-many", Stage: diag.Read, Severity: diag.Error,
		Doc: "There are so many errors that the rest of the script is not worth reading.",
	}
	ruleImportSkipped = &diag.Rule{
		ID: "import-skipped", Stage: diag.Read, Severity: diag.Notice,
		Doc: "A file that import_file names does not exist. The server goes on without it.",
	}
	ruleIgnoredBytes = &diag.Rule{
		ID: "ignored-bytes", Stage: diag.Read, Severity: diag.Warning,
		Doc: "Bytes that begin no token of the language. The server's scanner prints them and goes on.",
	}
	ruleCommentAtEnd = &diag.Rule{
		ID: "comment-at-end", Stage: diag.Read, Severity: diag.Warning,
		Doc: "The last line is a comment without a newline, which the scanner of the server does not take for a comment.",
	}
	ruleUnclosedComment = &diag.Rule{
		ID: "unclosed-comment", Stage: diag.Read, Severity: diag.Warning,
		Doc: "A block comment goes on to the end of the file. The server accepts the file as far as it stands before it.",
	}
)

// Finding is a diagnostic with its place in the sources.
type Finding struct {
	At Pos
	diag.Diagnostic
}

// quote is %q, but leaves what a person can read.
func quote(text string) string { return fmt.Sprintf("%q", text) }
