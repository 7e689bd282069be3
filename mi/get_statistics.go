package mi

import (
	"context"
	"strconv"
	"strings"
)

// Statistic is one counter or gauge.
type Statistic struct {
	Group string // the module it belongs to, "core" or "tls_mgm"
	Name  string // unique in its group
	Value int64
}

// GetStatistics is the command that reads counters by name ("rcv_requests"),
// by group ("core:"), by both ("core:rcv_requests") or all of them ("all").
// Its values are strings, as 2.x and 3.0 write them: some exporters cannot
// read the numbers of 3.4.
func GetStatistics(statistics func(context.Context) ([]Statistic, error)) Command {
	return Command{
		Name:   "get_statistics",
		Module: "core",
		Help:   "shows the values of statistics: all, a group (with a colon) or single ones",
		Params: []Param{{Name: "statistics", Kind: TextList}},
		Run: func(ctx context.Context, req Request) (Result, error) {
			all, err := statistics(ctx)
			if err != nil {
				return nil, err
			}
			return selectStatistics(all, req.List("statistics"))
		},
	}
}

// selectStatistics gives what the patterns ask for, each statistic once, in
// the order of the patterns and then of the table.
func selectStatistics(all []Statistic, patterns []string) (Result, error) {
	var found Object
	seen := make(map[string]bool)
	for _, pattern := range patterns {
		for _, s := range all {
			name := s.Group + ":" + s.Name
			if seen[name] || !s.matches(pattern) {
				continue
			}
			seen[name] = true
			found = append(found, Member{name, String(strconv.FormatInt(s.Value, 10))})
		}
	}
	if found == nil {
		return nil, &Error{Code: 404, Message: "Statistics Not Found"}
	}
	return found, nil
}

func (s Statistic) matches(pattern string) bool {
	if pattern == "all" || pattern == s.Name {
		return true
	}
	group, name, ok := strings.Cut(pattern, ":")
	return ok && group == s.Group && (name == "" || name == s.Name)
}
