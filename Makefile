# make lists the targets. Every target sets up what it needs first: see script/setup.

.DEFAULT_GOAL := help
SHELL := /bin/sh

# A Go that script/setup downloaded goes before the system's.
export PATH := $(CURDIR)/.tools/go/bin:$(PATH)
export CGO_ENABLED := 1
# Where the Go at hand is new enough for go.mod, no other one is downloaded.
export GOTOOLCHAIN ?= $(shell sh script/toolchain)

VERSION  := $(shell sed -n 's/^ *Version *= *"\(.*\)"/\1/p' FyneApp.toml)
LDFLAGS  := -X main.version=$(VERSION)
PRODUCT  := sqlite_fts5 x11 migrated_fynedo no_emoji
TESTS    := sqlite_fts5 ci
HEADLESS := sqlite_fts5 nogui

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

# What is missing is seen to before a target begins: the Go that is at hand then decides about GOTOOLCHAIN.
.PHONY: ready-test ready-run ready-e2e
ready-test ready-run ready-e2e:
	@sh script/setup $(@:ready-%=%)
.NOTPARALLEL:

.PHONY: run
run: build ## build and open the window; with no display, serve without one
	bin/hookglass

.PHONY: build
build: ready-run ## build bin/hookglass, the window with all commands
	go build -tags "$(PRODUCT)" -ldflags "$(LDFLAGS)" -o bin/hookglass ./app

.PHONY: headless
headless: ready-test ## build bin/hookglass-nogui, the commands alone, without Fyne
	go build -tags "$(HEADLESS)" -ldflags "$(LDFLAGS)" -o bin/hookglass-nogui ./app

.PHONY: test
test: ready-test ## all tests, with the race detector, in random order
	go test -race -shuffle=on -timeout 2h -tags "$(TESTS)" ./...
	go test -shuffle=on -tags "$(TESTS)" ./core/tunnel # some rows skip under the race detector, with the reason
	go test -shuffle=on -tags "$(TESTS)" -run 'Outlive|ThemeReaches' ./ui ./ui/control # these too

.PHONY: check
check: ready-run ## formatting, vet, staticcheck, no dead functions, what packs, both builds, and what they are linked of
	@unformatted=$$(gofmt -l app assets core docs script ui 2>/dev/null); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt does it):"; echo "$$unformatted"; exit 1; fi
	go vet -tags "$(TESTS)" ./...
	go vet -tags "$(HEADLESS)" ./app
	go tool staticcheck -tags "sqlite_fts5,ci" ./...
	@sh script/dead "$(PRODUCT)"
	cd script/pack && go vet ./... && go test ./...
	go build -tags "$(PRODUCT)" -ldflags "$(LDFLAGS)" -o bin/hookglass ./app
	go build -tags "$(HEADLESS)" -ldflags "$(LDFLAGS)" -o bin/hookglass-nogui ./app
	cd script/pack && go run . -modules check

.PHONY: bench
bench: ready-test ## captures, deliveries and the doctor, each beside a bare net/http of the same run
	HOOKGLASS_BENCH=1 go test -count=1 -timeout 30m -run '^TestBench$$' -v -tags "$(TESTS)" ./core/engine | sh script/table
	@echo
	@go test -count=1 -timeout 30m -run '^$$' -bench 'Bare|Million' -benchtime 3x -tags "$(TESTS)" ./core/deliver ./core/lab | grep -E '^(Benchmark|FAIL|---)'

# So many captures are made; HOME_OF= names a folder that keeps them for the next time.
N ?= 1000000
.PHONY: bench-history
bench-history: ready-test ## make N varied captures (1,000,000) and measure lists, filters, search and trimming on them
	HOOKGLASS_BENCH_HISTORY=$(N) HOOKGLASS_BENCH_HOME=$(HOME_OF) HOOKGLASS_BENCH_SEARCH=1 go test -count=1 -timeout 5h -run '^TestGrowth$$' -v -tags "$(TESTS)" ./core/engine | sh script/table

.PHONY: crash
crash: headless ## the long kill -9 and power cut runs: 10 of 20,000 and 10 of 10,000 captures, 20 of 1,000 deliveries
	HOOKGLASS_CRASH=full HOOKGLASS_BIN=$(CURDIR)/bin/hookglass-nogui \
	go test -count=1 -timeout 60m -run '^TestKill|^TestPower' -v -tags "$(HEADLESS)" ./app

.PHONY: bounds
bounds: headless ## memory and connections under 1,000 large bodies, 300 announced ones, 9,500 idle and 3,000 slow connections
	HOOKGLASS_BOUNDS=full HOOKGLASS_BIN=$(CURDIR)/bin/hookglass-nogui \
	go test -count=1 -timeout 60m -run '^TestBound' -v -tags "$(HEADLESS)" ./app

.PHONY: relay
relay: headless ## the long runs of a team's inbox: 100,000 captures, 3 readers and 10 kills, a cluster of three, a body of 50 MB
	HOOKGLASS_RELAY=full go test -count=1 -timeout 120m -v -tags "$(TESTS)" ./core/relay
	HOOKGLASS_RELAY=full HOOKGLASS_BIN=$(CURDIR)/bin/hookglass-nogui go test -count=1 -timeout 120m -run '^TestTeam' -v -tags "$(HEADLESS)" ./app

.PHONY: e2e
e2e: ready-e2e build ## the real program under Xvfb, driven like a user does; screenshots in out/
	sh script/e2e
	FYNE_CACHE=2s sh script/lasting 25

.PHONY: lasting
lasting: ready-e2e build ## a page is left for over two minutes under Xvfb, and must look the same on the way back
	sh script/lasting 130

.PHONY: matrix
matrix: ready-e2e build ## every page empty, full and after an error, in both themes and four sizes; pictures and sheets in out/matrix
	sh script/matrix

.PHONY: frames
frames: build ## how long the window lets one wait while 600 and 2,000 captures arrive a second, and what memory it takes
	@sh script/setup e2e
	sh script/frames

.PHONY: shots
shots: ready-e2e build ## the screenshots of the README, from the real program
	sh script/shots

.PHONY: docs
docs: ready-test ## write anew what the documentation says of the program: references, and what commands print
	HOOKGLASS_WRITE_DOCS=1 go test -count=1 -tags "$(TESTS)" -run 'Reference|PagesRun|Keys' ./app ./ui

.PHONY: modules
modules: build headless ## write the table of docs/modules.md: what both programs are linked of
	cd script/pack && go run . -modules write

# What make package packs: of pack's targets those that this machine builds without a cross compiler.
TARGETS  ?= linux/$(shell go env GOARCH) linux/$(shell go env GOARCH)/headless

.PHONY: package
package: export GOTOOLCHAIN = auto
package: ready-run ## dist/: .deb, .rpm and archive with their papers; TARGETS= names others: see script/pack/main.go
	cd script/pack && go run . -version "$(VERSION)" $(TARGETS)

.PHONY: package-check
package-check: ## what make package made, installed into fresh Debian systems and taken away again (root)
	sh script/package-check

# PART=headless is the short form: the commands without the window, whose C parts take minutes.
.PHONY: windows
windows: export GOTOOLCHAIN = auto
windows: ready-run ## dist/: zip and installer for Windows, built with mingw-w64; PART=headless: without the window
	cd script/pack && go run . -version "$(VERSION)" windows/amd64/headless $(if $(PART),,windows/amd64)

.PHONY: windows-check
windows-check: ## what make windows made, run under wine, with a picture in out/; PART=headless: without the window
	sh script/windows-check $(PART)

.PHONY: release
release: export GOTOOLCHAIN = auto
release: ready-run ## all that one Linux machine can make, with manifests for other collections; says what is left
	cd script/pack && go run . -version "$(VERSION)" -release $(TARGETS) linux/arm64/headless windows/amd64 windows/amd64/headless

.PHONY: fmt
fmt: ## format all Go files
	gofmt -w app assets core docs script ui

.PHONY: clean
clean: ## remove what was built
	rm -rf bin out dist
