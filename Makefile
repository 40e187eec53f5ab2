# GNU make. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help run cron test test-system test-services test-browser test-neighbours screenshots check format migrate openapi bench requirements zip clean
MAKEFLAGS += --no-print-directory

python := .venv/bin/python
openapi := $(python) manage.py spectacular --format openapi-json --validate --fail-on-warn
# Two at a time: the suite is happy on a small machine. `make test PYTEST_ARGS="-k avatars"` narrows it.
PYTEST_ARGS ?= -q -n 2
# Some images of Python switch it off; then each of a test run's processes compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

run: ## Install, prepare and start everything on http://127.0.0.1:8000
	@scripts/environment
	@exec $(python) manage.py runall

cron: ## Fetch traffic and build recommendations daily by cron (ACTION=add, show or remove)
	@scripts/environment
	@$(python) manage.py install_cron $(ACTION)

test: ## Run the test suite on SQLite; no service needed
	@scripts/environment requirements-dev.txt
	DATABASE_URL= REDIS_URL= S3_BUCKET= $(python) -m pytest -m "not system" $(PYTEST_ARGS)

test-system: ## Run the tests that start and kill servers, or wait for real time
	@scripts/environment requirements-dev.txt
	DATABASE_URL= REDIS_URL= S3_BUCKET= $(python) -m pytest -m system $(PYTEST_ARGS)

test-services: ## Run the suite on PostgreSQL and Redis (DATABASE_URL, REDIS_URL)
	@scripts/environment requirements-dev.txt
	@scripts/test-services $(PYTEST_ARGS)

test-browser: ## Run the tests of the pages in a real Chromium
	@scripts/environment requirements-dev.txt
	@scripts/test-browser $(PYTEST_ARGS)

test-neighbours: ## Run Foyer beside the real proxies and servers that are installed
	@scripts/environment requirements-dev.txt
	NEIGHBOURS=1 $(python) -m pytest -q -n 0 -rs tests/neighbours

screenshots: ## Take the pictures of the README anew
	@scripts/environment requirements-dev.txt
	@SCREENSHOTS=docs/screenshots scripts/test-browser -q -k screenshots

check: ## Lint, types, deployment checks, missing migrations, OpenAPI drift
	@scripts/environment requirements-dev.txt
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy .
	.venv/bin/lint-imports
	HTTPS=true $(python) manage.py check --deploy --fail-level WARNING
	$(python) manage.py makemigrations --check --dry-run
	$(openapi) --file .venv/openapi.json
	@cmp -s .venv/openapi.json docs/openapi.json || \
		{ echo "docs/openapi.json is not what the code says. Run make openapi and look at the difference." >&2; exit 1; }

format: ## Put the code into shape
	@scripts/environment requirements-dev.txt
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

migrate: ## Bring the database to the newest schema
	@scripts/environment
	$(python) manage.py migrate

openapi: ## Write docs/openapi.json from the code
	@scripts/environment requirements-dev.txt
	$(openapi) --file docs/openapi.json

bench: ## Measure requests per second
	@scripts/environment requirements-dev.txt
	$(python) -m benchmarks

requirements: ## Compile the pinned requirements files from pyproject.toml
	@scripts/environment requirements-dev.txt
	@scripts/requirements

zip: ## Pack the committed tree into dist/: the same commit gives the same bytes
	@scripts/zip

clean: ## Remove the environment and everything built; data in var/ stays
	rm -rf .venv dist static-files .mypy_cache .ruff_cache .pytest_cache
