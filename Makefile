# make build    bin/plimsoll
# make run      build it and open the embedded demo
# make install  the program, its manual pages and the completions of bash, zsh and fish, below PREFIX
#               (/usr/local); DESTDIR goes before it. make uninstall removes them
# make test     every test; of those that try very many inputs, a sample (go test -short)
# make check    all that must hold: make lint, go vet for every system, every test with every input, and,
#               if there is a C compiler, the tests of what runs concurrently under the race detector
# make lint     formatting, vet, tidiness of go.mod, import directions, staticcheck, workflows
# make bench    what plimsoll takes, against its goals, as one table; BENCH=-long also at 100,000 packages
# make mutants  the tests that guard the verdicts, tested: what they let pass of planted faults; hours
# make fuzz     every fuzz target for FUZZTIME each (30s)
# make golden   write the golden verdicts, frames and text output anew, to be looked at
# make demo     forge the embedded demo anew
# make man      manual pages in bin/man, from the commands and testdata/man; make completions: bin/completions
# make pictures the pictures of README and screen.md, from the demo
# make clean    remove what the others made

BIN := ./bin

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
GREMLINS    ?= github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0

# What needs the least is built and tested first. The folders in testdata, which
# ./... leaves out, hold programs.
PACKAGES := ./catalog/... ./verify/... ./ui/... ./... ./testdata/forge ./testdata/demo ./testdata/pictures ./testdata/man ./testdata/seeds ./testdata/hostile ./testdata/many ./testdata/lab ./testdata/testfiles ./testdata/bench/...

# The systems that releases are made for: what is built for them compiles, tests too.
SYSTEMS := linux darwin windows

comma := ,
# The race detector needs a C compiler. It watches the packages that start goroutines;
# the others run under it as those call them.
RACE := $(if $(shell command -v $${CC:-gcc} 2>/dev/null),-race)
RACED := ./catalog ./catalog/untrusted ./catalog/revision ./catalog/watch ./verify/registry/... ./verify/scan ./verify/trust ./verify/e2e ./ui ./ui/cli

.PHONY: build run install uninstall test check lint bench mutants fuzz golden demo man completions pictures clean

build:
	@echo "make build: compiles bin/plimsoll; a few seconds, a minute or two with an empty build cache"
	$(GO) build -trimpath -o $(BIN)/plimsoll .

run: build
	$(BIN)/plimsoll --demo

PREFIX ?= /usr/local
INTO    = "$(DESTDIR)$(patsubst ~/%,$(HOME)/%,$(PREFIX))"

install: build man completions
	mkdir -p $(INTO)/bin $(INTO)/share/man/man1 $(INTO)/share/man/man5 $(INTO)/share/bash-completion/completions \
		$(INTO)/share/zsh/site-functions $(INTO)/share/fish/vendor_completions.d
	install -m 755 $(BIN)/plimsoll $(INTO)/bin
	install -m 644 $(BIN)/man/*.1 $(INTO)/share/man/man1
	install -m 644 $(BIN)/man/*.5 $(INTO)/share/man/man5
	install -m 644 $(BIN)/completions/plimsoll.bash $(INTO)/share/bash-completion/completions/plimsoll
	install -m 644 $(BIN)/completions/plimsoll.zsh $(INTO)/share/zsh/site-functions/_plimsoll
	install -m 644 $(BIN)/completions/plimsoll.fish $(INTO)/share/fish/vendor_completions.d

uninstall:
	rm -f $(INTO)/bin/plimsoll $(INTO)/share/man/man1/plimsoll.1 $(INTO)/share/man/man1/plimsoll-*.1 $(INTO)/share/man/man5/plimsoll.yaml.5 \
		$(INTO)/share/bash-completion/completions/plimsoll $(INTO)/share/zsh/site-functions/_plimsoll \
		$(INTO)/share/fish/vendor_completions.d/plimsoll.fish

test:
	@echo "make test: every test, with a sample where there are very many inputs; about two minutes on two cores, four with an empty build cache. Packages that did not change are not tested again."
	$(GO) test -short -vet=off -timeout 30m $(PACKAGES)

check:
	@echo "make check: make lint, every test with every input$(if $(RACE),$(comma) what runs concurrently with the race detector); six to ten minutes on two cores, depending on the build cache"
	@$(MAKE) --no-print-directory lint
	for system in $(SYSTEMS); do GOOS=$$system $(GO) vet $(PACKAGES) || exit 1; done
	$(GO) test -vet=off -timeout 30m $(PACKAGES)
	$(if $(RACE),$(GO) test $(RACE) -short -vet=off -timeout 30m $(RACED))

lint:
	@unformatted="$$(gofmt -l .)" || exit 1; \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(GO) mod tidy -diff
	$(GO) test -count=1 -run '^TestArchitecture' ./ui/cli
	$(GO) run $(STATICCHECK) $(PACKAGES)
	GO="$(GO)" .ci/lint-workflows

bench:
	$(GO) run ./testdata/bench $(BENCH)

MUTANTS ?= verify/pyname verify/confusable verify/statement verify/history verify/policy verify/triage verify/review verify/document \
	$(patsubst %/,%,$(sort $(dir $(wildcard verify/registry/*/*.go)))) verify/registry verify/trust verify

# Each package is mutated without the folders in it (-E /) and tested by its own
# tests: a change of a decision has to fail beside the code. A mutant may take as
# often the time of the tests as the coefficient says; with folders in the package
# that time is theirs as well.
mutants:
	@echo "make mutants: mutates $(words $(MUTANTS)) packages and tests every mutant; from a minute for verify/pyname to hours for verify. MUTANTS=verify/pyname tests one."
	@low=; for package in $(MUTANTS); do \
		case $$package in verify|verify/registry) times=5;; *) times=60;; esac; \
		echo "$$package"; \
		GOFLAGS="-short -vet=off -count=1" $(GO) run $(GREMLINS) unleash ./$$package -E / -S lct --timeout-coefficient $$times --threshold-efficacy 98 || low="$$low $$package"; \
	done; \
	if [ -n "$$low" ]; then echo "less than 98 % killed, or not tested:$$low"; exit 1; fi

FUZZTIME ?= 30s

# A folder without a target is passed over; no target at all is a failure.
# Large inputs would be made smaller for a minute each, and nothing else done.
fuzz:
	@found=0; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			found=$$((found+1)); echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package || exit 1; \
		done; \
	done; echo "$$found fuzz targets"; test $$found -gt 0

golden:
	$(GO) test ./testdata/forge -run Conformance -update
	$(GO) test ./verify ./ui ./ui/view ./ui/report ./ui/cli -update

demo:
	$(GO) generate ./testdata/forge

man:
	rm -f $(BIN)/man/*.*
	$(GO) run -trimpath ./testdata/man $(BIN)/man

completions: build
	mkdir -p $(BIN)/completions
	for shell in bash zsh fish; do $(BIN)/plimsoll completion $$shell >$(BIN)/completions/plimsoll.$$shell || exit 1; done

pictures: build
	$(GO) run ./testdata/pictures $(BIN)/plimsoll testdata/pictures

clean:
	rm -rf bin
