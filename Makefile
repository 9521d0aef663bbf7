# Needs Python 3.11 or newer with venv, and make. Everything else comes into .venv.
PY = .venv/bin/python
PIP = $(PY) -m pip install -qq --disable-pip-version-check

# A .venv whose Python has been taken away is made anew.
$(shell $(PY) -c '' 2>/dev/null || rm -f .venv/.made .venv/.ready-*)

.PHONY: setup run test test-fast lint check fmt messages backup restore bench soak

setup: .venv/.ready-test

run: .venv/.ready-run
	@exec $(PY) -m leksono_portal.run

# Database and stored files in one file, and back into an empty portal.
backup: .venv/.ready-run
	@$(PY) -m leksono_portal.run.backup save "$(FILE)"

restore: .venv/.ready-run
	@$(PY) -m leksono_portal.run.backup restore "$(FILE)"

# What the tests of a file share is made once, by the one worker that gets the file.
TWO = -n 2 --dist loadfile --no-loadscope-reorder

test: check
	@marks=; $(PY) -m leksono_portal.run.browser || { \
	  test $$? = 3 || exit 1; marks='not browser'; }; \
	$(PY) -m pytest $(TWO) --durations=10 -m "$$marks"

test-fast: check
	@$(PY) -m pytest $(TWO) --durations=10 -m 'not browser'

# Many random scripts of writers, many random paths of money and its offices at once,
# and the room while lines, servers and browsers break:
# make soak, or make soak SOAK=5000 WALK=1000 ROUNDS=50.
soak: .venv/.ready-test
	@SOAK=$(or $(SOAK),500) $(PY) -m pytest -s forum/tests/test_model.py
	@WALK=$(or $(WALK),150) $(PY) -m pytest -s projects/accounts/tests/test_walk.py \
	  projects/accounts/tests/test_grid.py -k 'books or cell'
	@ROUNDS=$(or $(ROUNDS),50) $(PY) -m pytest -s projects/accounts/tests/test_races.py -k books
	@$(PY) -m leksono_portal.run.browser && \
	  ROUNDS=$(or $(ROUNDS),20) $(PY) -m pytest -s leksono_portal/tests/soak_room.py

# Ends with an error where a page costs more than it may (bench/README.md).
bench: .venv/.ready-test
	@$(PY) -m leksono_portal.run.browser && $(PY) -m bench

lint: .venv/.ready-test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

# As on a public server, but in the tests' own database.
check: export DEBUG = false
check: export SITE_URL = https://portal.example.id
check: export SECRET_KEY = only-for-the-deploy-check-0123456789-abcdefghijklmnopqrstuvwxyz
check: lint
	@$(PY) -m leksono_portal.run.postgres exec --test .pgtest sh -c '\
	  $(PY) manage.py makemigrations --check --dry-run && \
	  $(PY) manage.py check --deploy --fail-level WARNING'

fmt: .venv/.ready-test
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

# The English catalogue, brought up to what code and templates say; commit both files.
messages: .venv/.ready-test
	@$(PY) -m leksono_portal.run.messages

.venv/.ready-run: requirements.txt | .venv/.made
	@echo 'Memasang pustaka Python …'
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.ready-test: requirements-dev.txt .venv/.ready-run
	@echo 'Memasang alat uji …'
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/.made:
	@for python in python3.13 python3.12 python3.11 python3; do \
	  $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	    2>/dev/null && $$python -m venv --clear .venv && exec touch $@; \
	done; \
	echo 'Perlu Python 3.11 atau lebih baru dengan venv (Debian: apt install python3-venv).'; \
	exit 1
