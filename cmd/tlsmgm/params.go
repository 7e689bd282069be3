package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

type paramsCommand struct {
	OpenSIPS catalogue.Version `name:"opensips" default:"2.3" placeholder:"VERSION" complete:"versions" help:"OpenSIPS version to list: ${known}. The default is ${default}."`
	Format   string            `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the list: text (the default) or json."`
	Module   string            `arg:"" optional:"" complete:"modules" help:"Module whose parameters to list, such as tls_mgm. Without one, the modules are listed, each with the number of its parameters."`
}

// Help is what --help says below the first line.
func (paramsCommand) Help() string {
	return `Lists the parameters that modparam can set in a version of OpenSIPS, with the type of their value and the versions that have them.

Examples:

    tlsmgm params tls_mgm
    tlsmgm params proto_tls --opensips 3.4
    tlsmgm params --format json tls_mgm | jq -r '.params[].name'`
}

// The objects of --format json.
type (
	moduleParams struct {
		OpenSIPS catalogue.Version `json:"opensips"`
		Module   string            `json:"module"`
		Params   []paramFacts      `json:"params"`
	}
	paramFacts struct {
		Name  string             `json:"name"`
		Types []string           `json:"types"` // "string", "integer"
		Since catalogue.Version  `json:"since"`
		Until *catalogue.Version `json:"until"` // nil while the newest version has it
		// Versions words the range, with its gaps.
		Versions string `json:"versions"`
	}
	moduleList struct {
		OpenSIPS catalogue.Version `json:"opensips"`
		Modules  []moduleFacts     `json:"modules"`
	}
	moduleFacts struct {
		Name   string `json:"name"`
		Params int    `json:"params"`
	}
)

// Run lists the parameters of a module, or the modules.
func (c *paramsCommand) Run(std streams) error {
	offered := catalogue.For(c.OpenSIPS)
	if c.Module == "" {
		return c.write(std.out, listModules(offered))
	}
	name := strings.TrimSuffix(c.Module, ".so")
	module, ok := offered.Module(name)
	if !ok {
		return wrongUsage("%s", noModule(offered, name))
	}
	return c.write(std.out, listParams(offered, module))
}

func (c *paramsCommand) write(w io.Writer, list interface{ writeText(w io.Writer) error }) error {
	if c.Format == "json" {
		return json.NewEncoder(w).Encode(list)
	}
	return list.writeText(w)
}

func listModules(offered *catalogue.Catalogue) moduleList {
	list := moduleList{OpenSIPS: offered.Version()}
	for _, name := range offered.Modules() {
		module, _ := offered.Module(name)
		list.Modules = append(list.Modules, moduleFacts{name, len(module.Params)})
	}
	return list
}

func (l moduleList) writeText(w io.Writer) error {
	table := newTable(w)
	for _, m := range l.Modules {
		fmt.Fprintf(table, "%s\t%d\n", m.Name, m.Params)
	}
	return table.Flush()
}

func listParams(offered *catalogue.Catalogue, module *catalogue.Module) moduleParams {
	list := moduleParams{OpenSIPS: offered.Version(), Module: module.Name, Params: []paramFacts{}}
	for _, p := range module.Params {
		versions := catalogue.History(catalogue.KindParam, module.Name, p.Name)
		list.Params = append(list.Params, paramFacts{
			Name:     p.Name,
			Types:    typeNames(p.Types),
			Since:    versions.Since(),
			Until:    goneAfter(versions),
			Versions: versions.String(),
		})
	}
	return list
}

func (l moduleParams) writeText(w io.Writer) error {
	table := newTable(w)
	for _, p := range l.Params {
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.Name, strings.Join(p.Types, " or "), p.Versions)
	}
	return table.Flush()
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

func typeNames(types catalogue.ValueTypes) []string {
	return strings.Split(types.String(), " or ")
}

// goneAfter is the last version that has something, nil if none is without it
// since.
func goneAfter(versions catalogue.Ranges) *catalogue.Version {
	known := catalogue.Versions()
	if until := versions.Until(); until != known[len(known)-1] {
		return &until
	}
	return nil
}

// noModule says why a version does not have a module, and what was meant.
func noModule(offered *catalogue.Catalogue, name string) string {
	message := fmt.Sprintf("OpenSIPS %s has no module %q", offered.Version(), name)
	if versions := catalogue.History(catalogue.KindModule, name, name); !versions.IsEmpty() {
		return message + "; these have it: " + versions.String()
	}
	if nearest := catalogue.Nearest(name, offered.Modules()); nearest != "" {
		message += fmt.Sprintf(": did you mean %q?", nearest)
	}
	return message
}

// knownVersions lists the versions that the catalogue has.
func knownVersions() string {
	var names []string
	for _, v := range catalogue.Versions() {
		names = append(names, v.String())
	}
	return strings.Join(names, ", ")
}
