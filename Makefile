# `make` alone lists the commands. Everything is installed into .venv and .venv-rasa; nothing outside this folder.
.DEFAULT_GOAL := help
.PHONY: help install run train check-content test bench faults load encoder danger-eye requirements audit clean

PREPARE = python="$$(sh chat_server/launch/find_python.sh)" && exec "$$python" chat_server/launch/bootstrap.py
COMPILE = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "  make %-14s %s\n", $$1, $$2 }'

install: ## Make both environments from the hashed requirement files
	@$(PREPARE)

run: ## Install, train when needed, start everything, print the addresses (CHAT_PORT, CHAT_DATA_DIR; VERBOSE=1 shows all output)
	@$(PREPARE) $(if $(CHAT_RASA_URL),--no-dialogue) --then -m chat_server up $(if $(VERBOSE),--verbose)

train: ## Train the dialogue model, unless one fits the training data, report on it, and have the running product use it
	@$(PREPARE) --then -m chat_server train

check-content: ## Check the wording: keys, blanks, nations, languages
	@$(PREPARE) --no-dialogue --then -m chat_server check-content

test: ## Install what the tests need and run all of them (PYTEST_ARGS="-k words" chooses)
	@$(PREPARE) --tests --then -m tests.services $(PYTEST_ARGS)

bench: ## Run the benchmarks
	@$(PREPARE) --tests --then -m benchmarks

faults: ## Break the service on purpose while people talk to it (SEED=1; FAULTS_ARGS="--only Redis")
	@$(PREPARE) --tests --no-dialogue --then -m tests.faults $(FAULTS_ARGS)

load: ## Measure how much one gateway and one Rasa process carry (LOAD_ARGS="--only idle")
	@$(PREPARE) --tests --then -m benchmarks.load $(LOAD_ARGS)

encoder: ## Teach the sentence encoder what parents write: rare, up to an hour (ENCODER_ARGS="--kept 0.1" also measures)
	@python="$$(sh chat_server/launch/find_python.sh)" && { [ -x .venv-encoder/bin/python ] || "$$python" -m venv .venv-encoder; }
	.venv-encoder/bin/python -m pip install --quiet torch==2.13.0
	.venv-encoder/bin/python -m pip install --quiet --no-deps --require-hashes -r chat_server/encoder/learn/requirements.txt
	.venv-encoder/bin/python -m chat_server.encoder.learn $(ENCODER_ARGS)

danger-eye: ## Teach the danger screen's eye, after a change of the encoder or of examples of danger (minutes, then seconds)
	@$(PREPARE) --tests --no-dialogue --then -m chat_server.danger_eye.learn

requirements: ## Compile the hashed requirement files from pyproject.toml (UPGRADE=1 takes newer versions)
	@$(PREPARE) --no-dialogue
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 pyproject.toml --group actions --group test -o tests/requirements.txt
	$(COMPILE) --python-version 3.11 pyproject.toml -c tests/requirements.txt -o chat_server/requirements.txt
	$(COMPILE) --python-version 3.11 --group actions -c tests/requirements.txt -o actions/requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 --group tools -o chat_server/launch/requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.10 --group dialogue -o dialogue/requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 --group encoder -o chat_server/encoder/learn/requirements.txt

audit: ## Ask the advisory database about every pinned package; says plainly when it cannot be reached
	@$(PREPARE) --no-dialogue
	@for file in chat_server actions dialogue tests chat_server/launch; do echo "$$file"; .venv/bin/uv tool run --quiet pip-audit --strict --disable-pip --require-hashes -r $$file/requirements.txt || failed=1; done; \
	if [ "$$failed" ]; then echo "Not clean: a line above names a package, or says that the advisory database or pip-audit could not be reached."; exit 1; fi

clean: ## Remove the environments, caches and what the tests left; var (conversations, models) stays
	rm -rf .venv .venv-rasa .venv-encoder .venv.lock .pytest_cache .hypothesis .rasa htmlcov .coverage var/test
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
