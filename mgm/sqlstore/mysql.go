package sqlstore

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"os/user"
	"slices"
	"strconv"

	"github.com/go-sql-driver/mysql"
)

var mysqlDialect = &dialect{
	schemes:     []string{"mysql"},
	connector:   connectMySQL,
	quote:       quoteWith("`"),
	placeholder: questionMark,
	types: columnTypes{
		id:       "INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL",
		text:     "CHAR(%d)",
		number:   "INT(1)",
		unsigned: "INT UNSIGNED",
		blob:     "BLOB",
		bigBlob:  "MEDIUMBLOB",
	},
	tableOption: " ENGINE=InnoDB",
	indexName:   func(string) string { return "domain_type_idx" },
	absent:      absentInMySQL,
	advice:      adviseMySQL,
}

const mysqlPort = 3306

func connectMySQL(_ context.Context, u URL, use access) (driver.Connector, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = u.user, u.password, u.database
	if c.User == "" {
		c.User = loginName()
	}
	c.Net, c.Addr = mysqlAddress(u)
	c.Logger = &mysql.NopLogger{} // what it would print comes back as an error
	if use != reading {
		// Without it a server may cut a PEM that is longer than its column.
		c.Params = map[string]string{"sql_mode": "CONCAT(@@sql_mode,',STRICT_ALL_TABLES')"}
	}
	return mysql.NewConnector(c)
}

// loginName is who a MySQL client logs in as when no user is given.
func loginName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// mysqlAddress goes through the server's Unix socket when no host is given,
// and for "localhost" without a port where there is a socket: MySQL's own
// client library, which OpenSIPS uses, does both.
func mysqlAddress(u URL) (network, address string) {
	local := u.host == "" || u.host == "localhost"
	if socket := existing(mysqlSockets()); local && u.port == 0 && (socket != "" || u.host == "") {
		return "unix", cmp.Or(socket, mysqlSockets()[0])
	}
	port := strconv.Itoa(cmp.Or(u.port, mysqlPort))
	return "tcp", net.JoinHostPort(cmp.Or(u.host, "localhost"), port)
}

// mysqlSockets are where Debian, Red Hat and MySQL's own builds put the socket.
func mysqlSockets() []string {
	return []string{"/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"}
}

func existing(paths []string) string {
	i := slices.IndexFunc(paths, func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
	if i < 0 {
		return ""
	}
	return paths[i]
}

// Of the MySQL manual's "Server Error Message Reference".
const (
	mysqlUnknownColumn = 1054
	mysqlNoSuchTable   = 1146
)

func absentInMySQL(err error) absence {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return nothingAbsent
	}
	switch e.Number {
	case mysqlNoSuchTable:
		return tableAbsent
	case mysqlUnknownColumn:
		return columnAbsent
	}
	return nothingAbsent
}

func adviseMySQL(err error) string {
	switch {
	case errors.Is(err, mysql.ErrInvalidConn):
		return "the connection to the server broke"
	case errors.Is(err, driver.ErrBadConn):
		return "the server closed the connection at once"
	}
	return ""
}
