package sqlstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// fakeServer is a listener that treats every connection in the same way, and
// ends them all with the test.
type fakeServer struct {
	listener net.Listener
	wait     sync.WaitGroup

	mu      sync.Mutex
	conns   []net.Conn
	served  int // of the conns, those that have ended
	queries []string
}

func startFake(t *testing.T, serve func(s *fakeServer, conn net.Conn)) *fakeServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{listener: listener}
	s.wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.wait.Go(func() {
				defer s.end(conn)
				serve(s, conn)
			})
		}
	})
	t.Cleanup(s.stop)
	return s
}

func (s *fakeServer) end(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served++
}

// isIdle reports whether all connections have ended.
func (s *fakeServer) isIdle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served == len(s.conns)
}

func (s *fakeServer) stop() {
	_ = s.listener.Close()
	s.mu.Lock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.wait.Wait()
}

func (s *fakeServer) saw(query string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, query)
}

// selects are the queries for the rows that were seen.
func (s *fakeServer) selects() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, query := range s.queries {
		if strings.Contains(query, "certificate") {
			n++
		}
	}
	return n
}

// hang waits until the other side gives up.
func hang(_ *fakeServer, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func closeAtOnce(*fakeServer, net.Conn) {}

// behaviour is what a fake database does after the first row of the result.
type behaviour int

const (
	completes behaviour = iota
	hangs
	closes
	fails // with an error that repeats the password
)

// fakeDatabase is a server of one dialect with one table of two columns' worth
// of rows, version 2.
type fakeDatabase struct {
	scheme string
	serve  func(b behaviour) func(*fakeServer, net.Conn)
}

var fakeDatabases = []fakeDatabase{{"mysql", fakeMySQL}, {"postgres", fakePostgres}}

const fakePassword = "s3cr3t-p@ss/w:rd"

// url names the fake server, with a password.
func (s *fakeServer) url(t *testing.T, scheme string) URL {
	return parse(t, fmt.Sprintf("%s://tester:%s@%s/db", scheme, fakePassword, s.listener.Addr()))
}

// fakeRow is a row of the 2.x table: an id, a name, and no more.
func fakeRow(id int) []string {
	row := make([]string, 16)
	row[0], row[1] = fmt.Sprint(id), fmt.Sprint("domain", id)
	return row
}

// ---- PostgreSQL

func fakePostgres(b behaviour) func(*fakeServer, net.Conn) {
	return func(s *fakeServer, conn net.Conn) {
		backend := pgproto3.NewBackend(conn, conn)
		if err := greetPostgres(backend, conn); err != nil {
			return
		}
		for {
			message, err := backend.Receive()
			if err != nil {
				return
			}
			switch m := message.(type) {
			case *pgproto3.Parse:
				s.saw(m.Query)
				if !answerPostgres(backend, m.Query, b) {
					if b == hangs {
						hang(s, conn)
					}
					return
				}
			case *pgproto3.Sync:
				backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				if backend.Flush() != nil {
					return
				}
			case *pgproto3.Terminate:
				return
			}
		}
	}
}

func greetPostgres(backend *pgproto3.Backend, conn net.Conn) error {
	message, err := backend.ReceiveStartupMessage()
	if err != nil {
		return err
	}
	switch message.(type) {
	case *pgproto3.SSLRequest:
		if _, err := conn.Write([]byte("N")); err != nil {
			return err
		}
		return greetPostgres(backend, conn)
	case *pgproto3.StartupMessage:
		backend.Send(&pgproto3.AuthenticationOk{})
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		return backend.Flush()
	}
	return errors.New("not a start")
}

// answerPostgres sends the result of a query; false is the end of it.
func answerPostgres(backend *pgproto3.Backend, query string, b behaviour) bool {
	isRows := strings.Contains(query, "certificate")
	width := 1
	if isRows {
		width = 16
	}
	fields := make([]pgproto3.FieldDescription, width)
	for i := range fields {
		fields[i] = pgproto3.FieldDescription{Name: []byte(fmt.Sprint("c", i)), DataTypeOID: 25, DataTypeSize: -1, TypeModifier: -1}
	}
	backend.Send(&pgproto3.ParseComplete{})
	backend.Send(&pgproto3.BindComplete{})
	backend.Send(&pgproto3.RowDescription{Fields: fields})
	row := func(texts ...string) {
		values := make([][]byte, len(texts))
		for i, text := range texts {
			values[i] = []byte(text)
		}
		backend.Send(&pgproto3.DataRow{Values: values})
	}
	if !isRows {
		row("2")
	} else {
		row(fakeRow(1)...)
		switch b {
		case hangs, closes:
			_ = backend.Flush()
			return false
		case fails:
			backend.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "57014", Message: "no " + fakePassword + " today"})
			return true
		}
		row(fakeRow(2)...)
	}
	backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	return true
}

// ---- MySQL

// mysqlConn writes the packets of MySQL's client/server protocol.
type mysqlConn struct {
	net.Conn
	sequence byte
}

func (c *mysqlConn) receive() ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(c, header[:]); err != nil {
		return nil, err
	}
	c.sequence = header[3] + 1
	payload := make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
	_, err := io.ReadFull(c, payload)
	return payload, err
}

func (c *mysqlConn) send(payload ...byte) {
	n := len(payload)
	packet := append([]byte{byte(n), byte(n >> 8), byte(n >> 16), c.sequence}, payload...)
	c.sequence++
	_, _ = c.Write(packet) // the next receive fails too
}

func (c *mysqlConn) ok()  { c.send(0, 0, 0, 2, 0, 0, 0) }
func (c *mysqlConn) eof() { c.send(0xfe, 0, 0, 2, 0) }

func (c *mysqlConn) fail(message string) {
	c.send(append([]byte{0xff, 0x25, 0x05, '#', '7', '0', '1', '0', '0'}, message...)...)
}

func (c *mysqlConn) greet() {
	packet := append([]byte{10}, "8.0.0-fake\x00"...)
	packet = binary.LittleEndian.AppendUint32(packet, 1)
	packet = append(packet, "12345678\x00"...)
	const protocol41, secure, pluginAuth, connectWithDB = 0x200, 0x8000, 0x80000, 0x8
	capabilities := uint32(protocol41 | secure | pluginAuth | connectWithDB)
	packet = binary.LittleEndian.AppendUint16(packet, uint16(capabilities))
	packet = append(packet, 45, 2, 0)
	packet = binary.LittleEndian.AppendUint16(packet, uint16(capabilities>>16))
	packet = append(packet, 21)
	packet = append(packet, make([]byte, 10)...)
	packet = append(packet, "123456789012\x00mysql_native_password\x00"...)
	c.send(packet...)
}

func lengthEncoded(s string) []byte { return append([]byte{byte(len(s))}, s...) }

// columns sends that many definitions of text columns.
func (c *mysqlConn) columns(n int) {
	for i := range n {
		var definition []byte
		for _, s := range []string{"def", "db", "t", "t", fmt.Sprint("c", i), fmt.Sprint("c", i)} {
			definition = append(definition, lengthEncoded(s)...)
		}
		const varString = 0xfd
		c.send(append(definition, 12, 45, 0, 255, 0, 0, 0, varString, 0, 0, 0, 0, 0)...)
	}
	c.eof()
}

func (c *mysqlConn) row(texts ...string) {
	var packet []byte
	for _, text := range texts {
		packet = append(packet, lengthEncoded(text)...)
	}
	c.send(packet...)
}

func fakeMySQL(b behaviour) func(*fakeServer, net.Conn) {
	const quit, query, prepare, execute = 1, 3, 0x16, 0x17
	return func(s *fakeServer, conn net.Conn) {
		c := &mysqlConn{Conn: conn}
		c.greet()
		login, err := c.receive()
		if err != nil {
			return
		}
		s.saw(string(login))
		c.ok()
		for {
			packet, err := c.receive()
			if err != nil || packet[0] == quit {
				return
			}
			switch packet[0] {
			case prepare:
				s.saw(string(packet[1:]))
				c.send(0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0)
				c.columns(1)
				c.columns(1)
			case execute:
				c.send(1)
				c.columns(1)
				c.send(append([]byte{0, 0}, lengthEncoded("2")...)...)
				c.eof()
			case query:
				s.saw(string(packet[1:]))
				if !answerMySQL(c, b) {
					if b == hangs {
						hang(s, conn)
					}
					return
				}
			}
		}
	}
}

func answerMySQL(c *mysqlConn, b behaviour) bool {
	c.send(16)
	c.columns(16)
	c.row(fakeRow(1)...)
	switch b {
	case hangs, closes:
		return false
	case fails:
		c.fail("no " + fakePassword + " today")
		return true
	}
	c.row(fakeRow(2)...)
	c.eof()
	return true
}
