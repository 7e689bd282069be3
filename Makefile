# tlsmgm needs Go, gcc and make; everything else is fetched and pinned by Go.

GO ?= go
GOTOOL = $(GO) tool -modfile=.ci/tools.mod

BENCH ?= .
FUZZTIME ?= 30s
TESTFLAGS ?=

.PHONY: build
build: ## build bin/tlsmgm
	$(GO) build -o bin/ ./cmd/tlsmgm

.PHONY: run
run: build ## check the demo configuration
	bin/tlsmgm check testdata/demo/opensips.cfg

.PHONY: test
test: ## run all tests, with the race detector
	$(GO) test -race $(TESTFLAGS) ./...

.PHONY: lint
lint: ## run the linters and look for known vulnerabilities
	$(GOTOOL) golangci-lint run ./...
	@.ci/vulncheck $(GOTOOL) govulncheck ./...

.PHONY: bench
bench: ## run the benchmarks that match BENCH
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	@$(GO) test -list '^Fuzz' ./... | \
	awk '/^Fuzz/ { names[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, names[i]; n = 0 }' | \
	while read -r package name; do \
		echo "$$package $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
	done

.PHONY: generate
generate: ## write anew what is made from other files: the catalogue, docs/, golden files
	[ ! -d ../shared/facts/catalogue ] || $(GO) generate ./...
	$(GO) test ./cmd/tlsmgm -update

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
