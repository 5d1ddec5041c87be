.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
TOOLS := promtool amtool prometheus-blackbox-exporter

.PHONY: help
help: ## Show what there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip==26.1.2'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[logs]' --group dev
	@touch $@

.PHONY: setup
setup: .venv/ready ## Make the virtual environment, with everything in it
	@$(BIN)/python -m llmmon tools

.PHONY: generate
generate: .venv/ready ## Compile specs/ into generated/
	$(BIN)/llmmon generate

.PHONY: validators
validators: ## Bring promtool, amtool and the blackbox exporter where they are missing (root on Debian and Ubuntu), or say what to do
	@missing=; for tool in $(TOOLS); do command -v $$tool $$(echo $${tool#prometheus-} | tr - _) >/dev/null || missing="$$missing $$tool"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  export DEBIAN_FRONTEND=noninteractive; apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends prometheus prometheus-alertmanager prometheus-blackbox-exporter >/dev/null; \
	else \
	  echo "missing:$$missing. On Debian and Ubuntu: sudo apt-get install prometheus prometheus-alertmanager prometheus-blackbox-exporter"; \
	  echo "Elsewhere: put the binaries of the releases of Prometheus, Alertmanager and blackbox_exporter on PATH."; exit 1; \
	fi

# `make test WITH=/opt/prometheus-3.5:/opt/alertmanager-0.28` runs everything with the tools of those folders.
ifdef WITH
export PATH := $(WITH):$(PATH)
endif

.PHONY: test
test: .venv/ready validators lint ## Run every test and check
	$(BIN)/python -m pytest
	$(BIN)/llmmon check

# LiteLLM's proxy and its hundred packages would change what everything else runs with.
.litellm/ready: tests/e2e/litellm/requirements.txt
	$(PYTHON) -m venv .litellm
	.litellm/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< \
	|| { echo "LiteLLM's proxy cannot be installed here, so its alerts are not shown: see what pip says above"; exit 1; }
	@touch $@

.PHONY: e2e
e2e: .venv/ready .litellm/ready validators ## Real servers: break a service, and a LiteLLM proxy, and see who is told and what fires
	$(BIN)/python -m pytest -n 0 tests/e2e/incident.py
	$(BIN)/python -m pytest -n 0 -s tests/e2e/litellm_faults.py

.PHONY: lint
lint: .venv/ready ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: format
format: .venv/ready ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: schema
schema: .venv/ready ## Write the JSON Schemas that the specs' modelines name, and the reference pages
	$(BIN)/llmmon schema --write specs/schema
	$(BIN)/python -c 'from llmmon import reference; print(reference.markdown(), end="")' >docs/spec.md
	$(BIN)/python -c 'from pathlib import Path; from llmmon import rulebook; [Path("docs/rules", f"{family}.md").write_text(page) for family, page in rulebook.pages()]'

.PHONY: bench
bench: .venv/ready validators ## Measure start-up, generate on these specs and a fleet of 1,000 services, and lint: PROMTOOLS names more
	$(BIN)/python bench/bench.py; generate=$$?; $(BIN)/python bench/lint.py $(foreach tool,$(PROMTOOLS),--promtool $(tool)) && exit $$generate

.PHONY: differential
differential: .venv/ready validators ## Ask promtool, amtool and ourselves the same, many thousands of times: PROMTOOLS, AMTOOLS and FOLDERS name more
	PYTHONPATH=tests $(BIN)/python -m differential $(foreach tool,$(PROMTOOLS),--promtool $(tool)) $(foreach tool,$(AMTOOLS),--amtool $(tool)) $(FOLDERS)

.PHONY: fuzz
fuzz: .venv/ready ## Spoil expressions, files, pipelines and YAML, MINUTES of each (60)
	PYTHONPATH=tests $(BIN)/python -m fuzzing --minutes $(or $(MINUTES),60)

.PHONY: clean
clean: ## Remove what can be made again
	rm -rf .venv .litellm .mypy_cache .ruff_cache .pytest_cache .hypothesis .llmmon dist
