# Everything goes through .venv, which the first target makes and later ones reuse.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DATA ?= ../shared/data/replay
HOME_DIR ?= demo-out
OUT ?= build/quality.json
FEEDS ?= 500

.PHONY: demo test test-all check serve replay quality train-ner train-vectors bench clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Vigie and what it needs into .venv (once; a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY) ## install, then run the whole job on the demo's own world
	@$(BIN)/vigie demo --dir demo-out

test: $(READY) ## the tests, without the slow ones
	$(BIN)/python -m pytest -m 'not slow' -n 2 --dist loadscope  # a module's fixtures are made once

test-all: $(READY) ## every test
	$(BIN)/python -m pytest -n 2

check: $(READY) ## ruff, mypy --strict and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve: $(READY) ## the archive's pages and the timetable: make serve HOME_DIR=FOLDER (the demo's: no timetable)
	$(BIN)/vigie --home $(HOME_DIR) serve $(if $(filter demo-out,$(HOME_DIR)),--no-schedule)

replay: $(READY) ## the pipeline on captured feeds: make replay DATA=FOLDER
	$(BIN)/vigie replay --data $(DATA) --out build/replay.json

quality: DATA = ../shared/data
quality: $(READY) ## every figure of quality on a folder of data: make quality DATA=FOLDER OUT=FILE.json
	$(BIN)/python -m bench.quality --data $(DATA) --out $(OUT) --report docs/quality.md

bench: $(READY) ## speed: polling beside the peers (FEEDS=50: a short run), then reading and grouping
	@code=0; $(BIN)/python bench/compare.py --feeds $(FEEDS) || code=$$?; \
	$(BIN)/python bench/reading.py || code=$$?; exit $$code

train-vectors: DATA = ../shared/data/train
train-vectors: OUT = build/train-vectors
train-vectors: STS = $(DATA)/../sts
train-vectors: THREADS = 2
train-vectors: $(READY) ## the shipped vectors anew: make train-vectors TEACHER=FOLDER [DATA=FOLDER] [STS=FOLDER] [OUT=FOLDER]
	@test -n "$(TEACHER)" || { echo "name TEACHER, a folder: see training/vectors/__main__.py"; exit 2; }
	mkdir -p $(OUT) && test -d $(OUT)/train || tar -xf $(DATA)/train.tar.xz -C $(OUT)
	$(BIN)/python -m training.vectors --data $(OUT)/train --teacher $(TEACHER) --sts $(STS) \
		--out $(OUT)/vectors --cache $(OUT)/teacher.npz --threads $(THREADS)

train-ner: DATA = ../shared/data/train
train-ner: OUT = build/ner
train-ner: SEED = 2
train-ner: NEWS = $(DATA)/ner-news
train-ner: $(READY) ## train the entity model: make train-ner [DATA=FOLDER] [OUT=FOLDER] [SEED=N] [NEWS=]
	mkdir -p $(OUT) && test -d $(OUT)/train || tar -xf $(DATA)/train.tar.xz -C $(OUT)
	OMP_NUM_THREADS=1 $(BIN)/python -m training.ner.train --data $(OUT)/train --out $(OUT)/run \
		--seed $(SEED) --steps 2000 $(if $(NEWS),--news $(NEWS))
	OMP_NUM_THREADS=1 $(BIN)/python -m training.ner.train --data $(OUT)/train --out $(OUT)/last \
		--start $(OUT)/run --seed $$(($(SEED) + 1)) --steps 800 --rate 0.0015 --warm 50 \
		$(if $(NEWS),--news $(NEWS))
	$(BIN)/python -m training.ner.export $(OUT)/run $(OUT)/last $(OUT)/entities
	$(BIN)/python -m training.ner.evaluate $(OUT)/entities --data $(DATA)/.. \
		$(if $(NEWS),--news $(NEWS))

clean: ## remove what was built, the demo's folder and the virtual environment
	rm -rf .venv build demo-out *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
