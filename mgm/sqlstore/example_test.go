package sqlstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
)

func Example() {
	dir, err := os.MkdirTemp("", "sqlstore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	url, err := sqlstore.ParseURL("sqlite://" + filepath.Join(dir, "opensips.db"))
	if err != nil {
		log.Fatal(err)
	}
	store, err := sqlstore.New(url, sqlstore.Options{
		Columns: map[string]string{"domain": "tls_domain"}, // modparam("tls_mgm", "domain_col", "tls_domain")
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := store.CreateTables(ctx); err != nil {
		log.Fatal(err)
	}
	server := int64(2)
	rows := []mgm.Row{{Domain: "atlanta", Type: &server, Address: "192.0.2.1:5061"}, {Domain: "biloxi"}}
	if _, err := store.Import(ctx, rows, sqlstore.ImportOptions{}); err != nil {
		log.Fatal(err)
	}
	for row, err := range store.List(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d %s, type %d, address %q\n", row.ID, row.Domain, *row.Type, row.Address)
	}
	_, err = sqlstore.ParseURL("text:///etc/opensips/dbtext")
	fmt.Println(err)
	// Output:
	// 1 atlanta, type 2, address "192.0.2.1:5061"
	// 2 biloxi, type 1, address ""
	// db_url scheme "text" is not supported: use one of mysql, postgres, postgresql, sqlite
}
