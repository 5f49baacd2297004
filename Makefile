# promtier. `make run` shows the page, `make test` runs every check, `make dist` writes the page to dist/.
# Each installs what it needs and is missing; CONTRIBUTING.md says what and where.

PORT ?= 8080

# What the page is made of. Folders count too: a file taken away is a change.
PAGE := $(shell find src crates public style -not -path 'src/cli*' 2>/dev/null) \
	index.html Trunk.toml Cargo.toml Cargo.lock .cargo/config.toml rust-toolchain.toml \
	package-lock.json scripts/finish-page.mjs

.PHONY: run test dist clean

run: dist/index.html
	@node scripts/serve.mjs dist $(PORT)

dist: dist/index.html
	@node scripts/sizes.mjs dist

test:
	@scripts/test.sh

dist/index.html: $(PAGE)
	@scripts/setup-page.sh
	@scripts/build-page.sh

clean:
	rm -rf dist target node_modules
