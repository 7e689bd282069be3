package parser

import "strings"

// ipv6Length is the length of the IPv6 address at the start of text, 0 if there
// is none: eight groups of up to four hex digits with a colon between them, or
// fewer with one pair of colons.
func ipv6Length(text string) int {
	at, groups, longest := 0, 0, 0
	pair := strings.HasPrefix(text, "::")
	if pair {
		at, longest = 2, 2
	}
	for {
		hex := hexLength(text[at:])
		if hex == 0 {
			return longest
		}
		at += hex
		groups++
		if pair || groups == 8 {
			longest = at
		}
		if groups == 8 || at == len(text) || text[at] != ':' {
			return longest
		}
		at++
		if at < len(text) && text[at] == ':' {
			if pair {
				return longest
			}
			pair = true
			at++
			longest = at
		}
	}
}

func hexLength(text string) int {
	n := 0
	for n < len(text) && n < 4 && isHex(text[n]) {
		n++
	}
	return n
}

// addressLength is the length of the IPv4 address or the network at the start
// of text. Four decimal numbers of any size make an address (whether they are
// in range is asked later), an address with a mask or a number of bits after a
// slash a network.
func addressLength(text string) (kind, int) {
	n := ipv4Length(text)
	if n == 0 {
		return 0, 0
	}
	if n < len(text) && text[n] == '/' {
		rest := text[n+1:]
		if mask := ipv4Length(rest); mask > 0 {
			return kindNetwork, n + 1 + mask
		}
		if bits := decimalLength(rest); bits > 0 {
			return kindNetwork, n + 1 + bits
		}
	}
	return kindIPv4, n
}

func ipv4Length(text string) int {
	at := 0
	for group := range 4 {
		if group > 0 {
			if at >= len(text) || text[at] != '.' {
				return 0
			}
			at++
		}
		digits := decimalLength(text[at:])
		if digits == 0 {
			return 0
		}
		at += digits
	}
	return at
}

// decimalLength is the length of a number without leading zeros.
func decimalLength(text string) int {
	if text != "" && text[0] == '0' {
		return 1
	}
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}
