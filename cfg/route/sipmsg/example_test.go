package sipmsg_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

const options = "OPTIONS sip:biloxi.example.com SIP/2.0\r\n" +
	"Via: SIP/2.0/TLS pc33.atlanta.example.com;branch=z9hG4bK776;rport\r\n" +
	"From: Alice <sip:alice@atlanta.example.com>;tag=1928\r\n" +
	"To: <sip:biloxi.example.com>;tag=4711\r\n" +
	"Call-ID: a84b4c76e66710\r\n" +
	"CSeq: 63 OPTIONS\r\n" +
	"Content-Length: 0\r\n\r\n"

// A server reads what comes on a connection and answers it.
func ExampleReader() {
	connection := strings.NewReader("\r\n\r\n" + options + strings.Replace(options, "Call-ID:", "Call-ID", 1) + "GET / HTTP/1.1\r\n\r\n")
	source := netip.MustParseAddrPort("192.0.2.1:40000")

	r := sipmsg.NewReader(connection, sipmsg.DefaultLimit)
	for {
		m, err := r.Next()
		var malformed *sipmsg.MalformedError
		switch {
		case errors.Is(err, sipmsg.ErrPing):
			fmt.Println("ping; the answer is CRLF")
		case errors.As(err, &malformed):
			fmt.Println(err)
			if malformed.Status != 0 {
				fmt.Println("answered with", malformed.Status)
			}
			if malformed.Close {
				return
			}
		case err != nil:
			fmt.Println(err)
			return
		default:
			answer, err := sipmsg.Reply(m, 200, "", sipmsg.ReplyOptions{Source: source})
			fmt.Print(strings.ReplaceAll(string(answer), "\r\n", "\n"))
			if err != nil {
				fmt.Println(err)
			}
		}
	}
	// Output:
	// ping; the answer is CRLF
	// SIP/2.0 200 OK
	// Via: SIP/2.0/TLS pc33.atlanta.example.com;branch=z9hG4bK776;rport=40000;received=192.0.2.1
	// From: Alice <sip:alice@atlanta.example.com>;tag=1928
	// To: <sip:biloxi.example.com>;tag=4711
	// Call-ID: a84b4c76e66710
	// CSeq: 63 OPTIONS
	// Content-Length: 0
	//
	// malformed SIP message: line 5: expected a header name with a colon, found "Call-ID …"
	// not a SIP message: expected a SIP message, found what looks like an HTTP request
}

func ExampleParseURI() {
	u, err := sipmsg.ParseURI("sip:bob@biloxi.example.com:5061;transport=tls")
	if err != nil {
		fmt.Println(err)
		return
	}
	transport, _ := u.Param("Transport")
	fmt.Println(u.User, u.Host, u.Port, transport)
	// Output: bob biloxi.example.com 5061 tls
}
