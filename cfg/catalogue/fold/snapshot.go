package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// snapshot is the interface of one version of OpenSIPS: what its core and its
// modules offer to a script.
type snapshot struct {
	Version string            `json:"version"`
	Core    core              `json:"core"`
	Modules map[string]module `json:"modules"`
}

type core struct {
	Globals    map[string][]string `json:"globals"`    // by name: the kinds of value it takes
	Statements map[string][]string `json:"statements"` // by name: the shapes of its arguments
	Functions  []function          `json:"functions"`
	Variables  []string            `json:"variables"`
	Routes     []string            `json:"routes"`
	Protocols  []string            `json:"protocols"`
}

type module struct {
	Type           string            `json:"type"`
	Dir            string            `json:"dir"`
	Params         []param           `json:"params"`
	Functions      []function        `json:"functions"`
	AsyncFunctions []function        `json:"async_functions"`
	MI             []string          `json:"mi"`
	Variables      []string          `json:"variables"`
	Depends        []dependency      `json:"depends"`
	ParamDepends   []paramDependency `json:"param_depends"`
}

type param struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // "str", "int" or "str|int"
	Callback bool   `json:"callback"`
}

// function has Args up to 2.4 and Params since 3.0.
type function struct {
	Name   string     `json:"name"`
	Args   string     `json:"args,omitempty"`
	Params []argument `json:"params,omitempty"`
	Routes []string   `json:"routes"`
}

type argument struct {
	Type     string `json:"type"`
	Optional bool   `json:"optional"`
}

type dependency struct {
	Type    string  `json:"type"`
	Module  *string `json:"module"` // nil: any module of the type
	Missing string  `json:"missing"`
}

type paramDependency struct {
	Param     string       `json:"param"`
	Condition string       `json:"condition"`
	Requires  []dependency `json:"requires"`
}

// readSnapshots reads every VERSION.json of a folder.
func readSnapshots(folder string) ([]snapshot, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no snapshots (VERSION.json) in %q", folder)
	}
	snapshots := make([]snapshot, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read snapshot: %w", err)
		}
		if err := json.Unmarshal(text, &snapshots[i]); err != nil {
			return nil, fmt.Errorf("read snapshot %q: %w", file, err)
		}
	}
	return snapshots, nil
}
