# tlsmgm needs Go, gcc and make; everything else is fetched and pinned by Go.

GO ?= go
GOTOOL = $(GO) tool -modfile=.ci/tools.mod

BENCH ?= .
FUZZTIME ?= 30s
TESTFLAGS ?=

.PHONY: build
build: ## build bin/tlsmgm
	$(GO) build -o bin/ ./cmd/tlsmgm

DEMO = run/demo

.PHONY: run
run: build $(DEMO) ## serve the demo configuration, with certificates and a table made for it
	bin/tlsmgm check --root $(DEMO) testdata/demo/opensips.cfg
	@printf '%s\n' 'Ctrl-C ends the server. From another terminal:' \
		"  curl -s -H 'Content-Type: application/json' -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tls_list\"}' http://127.0.0.1:8888/mi" \
		"  curl -s -H 'Content-Type: application/json' -d '{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tls_reload\"}' http://127.0.0.1:8888/mi" \
		'  bin/tlsmgm mi tls_list --format text'
	bin/tlsmgm serve -f testdata/demo/opensips.cfg --root $(DEMO)

# It is made in a directory of its own and moved, so that what is there is whole.
$(DEMO): | build
	rm -rf $@.new && mkdir -p $@.new
	$(GO) run ./cmd/mkdemo $@.new
	bin/tlsmgm db create --db sqlite://$@.new/var/lib/opensips/tls.db
	bin/tlsmgm db import --db sqlite://$@.new/var/lib/opensips/tls.db --domain phones --address 192.0.2.10:5063 \
		--certificate $@.new/etc/opensips/tls/phones/cert.pem --private-key $@.new/etc/opensips/tls/phones/key.pem \
		--ca-list $@.new/etc/opensips/tls/ca.pem
	mv $@.new $@

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
	$(GO) test ./cfg/lint ./cmd/tlsmgm -update

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
