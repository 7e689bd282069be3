// Command fold folds snapshots of OpenSIPS' interface, one JSON file a
// version, into the catalogue's data file, where every entry has the versions
// it exists in.
//
//	fold -snapshots FOLDER -o catalogue.txt
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	folder := flag.String("snapshots", "", "folder with a VERSION.json for each version")
	out := flag.String("o", "catalogue.txt", "data file to write")
	flag.Parse()
	if err := run(*folder, *out); err != nil {
		fmt.Fprintln(os.Stderr, "fold:", err)
		os.Exit(1)
	}
}

func run(folder, out string) error {
	snapshots, err := readSnapshots(folder)
	if err != nil {
		return err
	}
	data, err := fold(snapshots)
	if err != nil {
		return fmt.Errorf("fold %q: %w", folder, err)
	}
	if err := os.WriteFile(out, data, 0o644); err != nil {
		return fmt.Errorf("write data file: %w", err)
	}
	return nil
}
