package lint

import (
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The severities, by names that rules can write shortly.
const (
	diagError   = diag.Error
	diagWarning = diag.Warning
	diagNotice  = diag.Notice
)

// quote is a text of a script as messages have it.
func quote(text string) string { return diag.Quote(text) }

// ordinal is the place of a certificate in its chain, counted from 1.
func ordinal(i int) string { return strconv.Itoa(i + 1) }

// subjectOf names a certificate by its subject.
func subjectOf(cert *x509.Certificate) string { return quote(cert.Subject.String()) }

// days words a time in whole days, or in hours if it is less than two.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 2*day {
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d/day), "day")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// list joins names, and counts those beyond the first few.
func list(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// quoteFile is the name of a file, which is shown whole.
func quoteFile(name string) string { return strconv.Quote(name) }
