package pv

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func timeEntries() []entry {
	const group = "Time"
	return []entry{
		get("Ts", group, "seconds since 1970", func(s *Scope) Value { return IntValue(s.now().Unix()) }),
		get("Tsm", group, "microseconds of the second", func(s *Scope) Value { return IntValue(int64(s.now().Nanosecond() / 1000)) }),
		get("TS", group, "seconds since 1970 of the start", func(s *Scope) Value { return IntValue(s.started().Unix()) }),
		get("Tf", group, "date and time", func(s *Scope) Value { return TextValue(s.now().Format(time.ANSIC)) }),
		{names: []string{"time"}, inner: "format", group: group, about: "date and time as strftime writes it, up to 126 bytes", compile: compileTime},
	}
}

// maxTime is how many bytes $time may have; a longer one is NULL.
const maxTime = 126

func compileTime(b *builder) (access, error) {
	format := b.Inner
	// The format is tried, so that one that cannot be run is found now.
	if _, err := appendTime(nil, time.Unix(0, 0), format); err != nil {
		return access{}, err
	}
	return reads(func(s *Scope) Value {
		var buf [2 * maxTime]byte
		text, err := appendTime(buf[:0], s.now(), format)
		if err != nil || len(text) == 0 || len(text) > maxTime {
			return Value{}
		}
		return TextValue(string(text))
	})
}

// Layouts of what strftime writes in the C locale, where Go has one.
var timeLayouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'c': "Mon Jan _2 15:04:05 2006",
	'd': "02", 'D': "01/02/06", 'e': "_2", 'F': "2006-01-02", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04",
	'p': "PM", 'P': "pm", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'x': "01/02/06", 'X': "15:04:05",
	'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

// appendTime writes a time as strftime does. The formats are those of POSIX, and
// k, l, P and s, which the C library of Linux has too.
func appendTime(dst []byte, t time.Time, format string) ([]byte, error) {
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			return append(dst, format...), nil
		}
		dst = append(dst, format[:i]...)
		format = strings.TrimLeft(format[i+1:], "EO") // other forms of other locales
		if format == "" {
			return dst, noVariable("time", "the format ends in a %")
		}
		c := format[0]
		format = format[1:]
		if layout, ok := timeLayouts[c]; ok {
			dst = t.AppendFormat(dst, layout)
			continue
		}
		text, ok := timePart(t, c)
		if !ok {
			return dst, noVariable("time", fmt.Sprintf("there is no format %q", "%"+string(rune(c))))
		}
		dst = append(dst, text...)
	}
}

func timePart(t time.Time, c byte) (string, bool) {
	year, week := t.ISOWeek()
	switch c {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'g':
		return fmt.Sprintf("%02d", year%100), true
	case 'G':
		return strconv.Itoa(year), true
	case 'V':
		return fmt.Sprintf("%02d", week), true
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), true
	case 'l':
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1), true
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1), true
	case 'w':
		return strconv.Itoa(int(t.Weekday())), true
	case 'U': // weeks from Sunday
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), true
	case 'W': // weeks from Monday
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7), true
	}
	return "", false
}
