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

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# SQLite is C: the programs of a release hold it and the C library, so that they
# run on any Linux, and in an empty container.
STATIC = -trimpath -tags netgo,osusergo,sqlite_omit_load_extension \
	-ldflags '-s -w -X main.version=$(VERSION) -linkmode external -extldflags -static'
CC_amd64 ?= x86_64-linux-gnu-gcc
CC_arm64 ?= aarch64-linux-gnu-gcc

.PHONY: static
static: ## build bin/tlsmgm so that it needs no libraries
	CGO_ENABLED=1 $(GO) build $(STATIC) -o bin/ ./cmd/tlsmgm

.PHONY: dist
dist: $(foreach arch,amd64 arm64,dist/tlsmgm_$(VERSION)_linux_$(arch).tar.gz) ## build the archives of a release for linux/amd64 and arm64
	cd dist && sha256sum tlsmgm_$(VERSION)_linux_*.tar.gz >SHA256SUMS

SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
# The program of a release on this machine, for what is the same on all.
RELEASED = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(GO) run -ldflags '-X main.version=$(VERSION)' ./cmd/tlsmgm

.PHONY: always
always:

# Times, owners and modes are set, so that the same tree makes the same archive.
dist/tlsmgm_$(VERSION)_linux_%.tar.gz: always
	rm -rf dist/$* && mkdir -p dist/$*/completion
	CGO_ENABLED=1 GOOS=linux GOARCH=$* CC=$(CC_$*) $(GO) build $(STATIC) -o dist/$*/tlsmgm ./cmd/tlsmgm
	$(RELEASED) man >dist/$*/tlsmgm.1
	for shell in bash zsh fish; do $(RELEASED) completion $$shell >dist/$*/completion/tlsmgm.$$shell || exit 1; done
	cp LICENSE README.md docs/deploy/tlsmgm.service dist/$*/
	tar -C dist/$* --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX -czf $@ .
	rm -rf dist/$*

.PHONY: test
test: ## run all tests, with the race detector
	$(GO) test -race $(TESTFLAGS) ./...
	$(GO) test $(TESTFLAGS) -run '^TestIdleMemory$$' ./mgm/transport # the detector needs memory of its own

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
	$(GO) test -p 1 ./cfg/lint ./cfg/live ./cfg/route ./cfg/route/pv ./cmd/tlsmgm ./cmd/tlsmgm/internal/report ./mi/commands ./mgm/variables -update

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
