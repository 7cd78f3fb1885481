# Ratewire's development commands. `make` alone lists them.

SHELL   := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/ratewire/ratewire/internal/buildinfo.version=$(VERSION)
# A test that hangs shows where; the suite as a whole takes well under this on 2 cores.
TIMEOUT ?= 20m
ONCE    ?= 0

.DEFAULT_GOAL := help
.PHONY: help build demo test check prove bench fuzz release postgres xmllint clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/ratewire: one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ratewire ./cmd/ratewire

demo: build ## run the hub with three small hotels; ONCE=1 checks all it shows and exits
	@./bin/ratewire demo $(if $(filter 1 yes true,$(ONCE)),--once)

test: postgres xmllint check ## everything CI runs, with the race detector; installs PostgreSQL and xmllint if they are missing
	RATEWIRE_REQUIRE_POSTGRES=1 go test -race -timeout $(TIMEOUT) ./...

check: ## formatting, vet, staticcheck, and the rule of who may import whom
	@out="$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go'))"; \
	  if [ -n "$$out" ]; then echo "gofmt these files:"; echo "$$out"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	go test -run '^TestArch' .

bench: build ## measure, with ratios against alternatives in the same run
	./bin/ratewire bench

fuzz: ## run every fuzz target for FUZZTIME (default 30s) each
	@scripts/fuzz $(or $(FUZZTIME),30s)

prove: postgres ## the full sizes; resumable; writes docs/proof.md
	go run ./cmd/prove

xmllint: # for the tests that validate XML
	@scripts/need-xmllint

release: ## reproducible archives for six platforms, checksums and bills of materials, in dist/
	go run ./cmd/release -version $(VERSION) -out dist

postgres: # a server's programs for the tests to start privately; nothing is left running
	@scripts/need-postgres

clean: ## remove what the targets above built
	rm -rf bin dist .work
